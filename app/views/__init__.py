"""One Viewer per noun; none imports another."""
