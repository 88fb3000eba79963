// Collects a file piece by piece, each asked for when the one before has come, and saves it.
export function render({ model }) {
  let wanted = null;
  model.on("msg:custom", ({ name, size, at, piece }) => {
    if (name !== undefined) {
      wanted = { name, size, at: 0, pieces: [] };
      if (size > 0) model.send_msg({ at: 0 });
      return;
    }
    if (!wanted || at !== wanted.at) return;
    const bytes = Uint8Array.from(atob(piece), (c) => c.charCodeAt(0));
    if (bytes.length === 0) return (wanted = null);
    wanted.pieces.push(bytes);
    wanted.at += bytes.length;
    if (wanted.at < wanted.size) return model.send_msg({ at: wanted.at });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(wanted.pieces));
    link.download = wanted.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    wanted = null;
  });
  return document.createElement("div");
}
