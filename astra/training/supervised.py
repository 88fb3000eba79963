"""Learning from labels: a class head on any encoder, of which the top layers may follow.

Legend of shape suffixes: B objects, C classes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders.base import Batch, Encoder
from astra.training.augmentation import Augmentation, augmentation
from astra.training.class_head import class_weights, probe_weights
from astra.training.objective import VALIDATION_BATCH, VALIDATION_SEED, Objective, to_device

LABEL = "label"
Head = Literal["random", "probe"]


@dataclass(frozen=True, slots=True)
class SupervisedSettings:
    """How far the encoder follows the labels.

    Attributes
    ----------
    top_groups : int or None
        Layer groups that learn, counted from the embedding down; None: all, 0: the head alone.
    encoder_rate : float
        Learning rate of the encoder's top group as a factor of the head's.
    encoder_decay : float
        Factor of the learning rate from each layer group to the one below it (Howard & Ruder
        2018).
    head : str
        Where the head begins: ``random``, or as the ``probe`` of the frozen encoder, so that the
        first steps do not spoil what the encoder knows (Kumar et al. 2022); see
        :meth:`Supervised.begin_at_probe`.
    dropout : float
        Of the embedding, in front of the head.
    balanced : bool
        Classes weigh the same in the loss, however many labels they have.
    weight_cap : float
        Largest weight of a class over the smallest, where they are balanced; 0: no limit.
    label_smoothing : float
        Share of the label that is spread over all classes (Szegedy et al. 2016).
    noise, noise_mag : float
        White noise on the fluxes while training: in units of each observation's own error, and as
        a fraction of the flux that is so many magnitudes.
    thinning : float
        Largest share of its observations that a light curve loses at random in a training step.
    views : int
        Predictions are means over so many views of a light curve: itself, and others changed as in
        training.
    norm : bool
        Standardise the embedding, by a layer norm, in front of the head.
    """

    top_groups: int | None = 2
    encoder_rate: float = 0.1
    encoder_decay: float = 1.0
    head: Head = "random"
    dropout: float = 0.2
    balanced: bool = True
    weight_cap: float = 0.0
    label_smoothing: float = 0.0
    noise: float = 0.0
    noise_mag: float = 0.0
    thinning: float = 0.0
    views: int = 1
    norm: bool = True


class Supervised(Objective):
    """Cross-entropy of a class head on the embedding.

    Light curves carry their class as the column ``label``, an index into ``classes``.

    Parameters
    ----------
    encoder : Encoder
        Of its layer groups only the top ones learn; the others are frozen.
    classes : sequence of str
    labels : integer [labels]
        Classes of the objects to learn from, for their weights.
    settings : SupervisedSettings
    augment : callable, optional
        Changes the light curves of a training step; by default as the settings ask for.

    Raises
    ------
    AstraError
        There are fewer than two classes with labels, layers shall learn where none can, or there
        shall be several views where nothing changes them.
    """

    class_weight: Tensor

    def __init__(
        self,
        encoder: Encoder,
        classes: Sequence[str],
        labels: NDArray[np.integer],
        settings: SupervisedSettings | None = None,
        augment: Augmentation | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or SupervisedSettings()
        self.encoder = encoder
        self.classes = tuple(classes)
        asked = self.settings
        self.augment = augment or augmentation(asked.noise, asked.noise_mag, asked.thinning)
        if asked.views > 1 and self.augment is None:
            raise AstraError(
                f"views = {asked.views}: without noise or thinning all views are the same"
            )
        self.head = nn.Sequential(
            nn.LayerNorm(encoder.embedding_size) if self.settings.norm else nn.Identity(),
            nn.Dropout(self.settings.dropout),
            nn.Linear(encoder.embedding_size, len(self.classes)),
        )
        weights = class_weights(labels, self.classes, asked.weight_cap)
        if not asked.balanced:
            weights = np.ones(len(self.classes))
        weight = torch.tensor(weights, dtype=torch.float32)
        self.register_buffer("class_weight", weight, persistent=False)
        self._freeze()

    def collate(self, light_curves: LightCurves, generator: np.random.Generator) -> Batch:
        """Tensors of the encoder, and ``label``, int64 [B].

        Raises
        ------
        AstraError
            An object has no label.
        """
        labels = labels_of(light_curves)
        if (labels < 0).any():
            raise AstraError(
                f"{(labels < 0).sum()} objects without a label among those to learn from"
            )
        if self.augment is not None:
            light_curves = self.augment(light_curves, generator)
        return self.encoder.collate(light_curves) | {LABEL: torch.from_numpy(labels)}

    def loss(self, batch: Batch) -> Tensor:
        """Cross-entropy, weighted by class."""
        smoothing = self.settings.label_smoothing
        return cross_entropy(
            self.logits(batch), batch[LABEL], self.class_weight, label_smoothing=smoothing
        )

    def logits(self, batch: Batch) -> Tensor:
        """Unnormalised log probabilities, float32 [B, C]."""
        inputs = {name: tensor for name, tensor in batch.items() if name != LABEL}
        return self.head(self.encoder(inputs))

    def parameter_groups(self) -> list[tuple[list[nn.Parameter], float]]:
        """The head, and the encoder's groups, the lower the slower."""
        rate, decay = self.settings.encoder_rate, self.settings.encoder_decay
        groups = reversed(self.encoder.layer_groups())
        return [
            (list(self.head.parameters()), 1.0),
            *((group, rate * decay**depth) for depth, group in enumerate(groups)),
        ]

    def begin_at_probe(self, embeddings: NDArray[np.floating], labels: NDArray[np.integer]) -> None:
        """Give the head the weights of a logistic regression on frozen embeddings.

        Parameters
        ----------
        embeddings : float [labels, E]
            Of the encoder as it is now.
        labels : integer [labels]
        """
        norm, linear = self.head[0], self.head[-1]
        assert isinstance(linear, nn.Linear)
        with torch.no_grad():
            frozen = torch.tensor(np.asarray(embeddings), dtype=torch.float32)
            features = norm(frozen.to(linear.weight.device)).cpu().numpy().astype(np.float64)
        weight, bias = probe_weights(features, labels, self.class_weight.cpu().numpy())
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight))
            linear.bias.copy_(torch.from_numpy(bias))

    @torch.no_grad()
    def predict(
        self, light_curves: LightCurves, rows: NDArray[np.integer], device: torch.device
    ) -> NDArray[np.float32]:
        """Logits of some rows, mean over the views of each, float32 [rows, C].

        The first view is the light curve as it is; all are the same at every call.
        """
        parts = [np.empty((0, len(self.classes)), np.float32)]
        for start in range(0, len(rows), VALIDATION_BATCH):
            here = light_curves.take(rows[start : start + VALIDATION_BATCH])
            logits = [
                self.logits(to_device(self.encoder.collate(view), device)).cpu().numpy()
                for view in self.views_of(here)
            ]
            parts.append(np.stack(logits).mean(axis=0, dtype=np.float32))
        return np.concatenate(parts)

    def views_of(self, light_curves: LightCurves) -> Iterator[LightCurves]:
        """Light curves as they are, then as many changed ones as the settings ask for."""
        yield light_curves
        if self.augment is not None:
            generator = np.random.default_rng(VALIDATION_SEED)
            for _ in range(1, self.settings.views):
                yield self.augment(light_curves, generator)

    def validate(
        self, light_curves: LightCurves, rows: NDArray[np.integer], device: torch.device
    ) -> dict[str, Any]:
        """Macro-F1 over the classes that are there (``score``), accuracy, and unweighted loss.

        ``confusion`` counts the objects of each class (outer) by what they were taken for.
        """
        logits = self.predict(light_curves, rows, device)
        labels = labels_of(light_curves)[rows]
        loss = cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels))
        predicted = logits.argmax(axis=1)
        macro_f1 = f1_score(labels, predicted, labels=np.unique(labels), average="macro")
        accuracy = float(accuracy_score(labels, predicted))
        return {
            "score": float(macro_f1),
            "macro_f1": float(macro_f1),
            "accuracy": accuracy,
            "validation_loss": float(loss),
            "confusion": confusion_matrix(
                labels, predicted, labels=np.arange(len(self.classes))
            ).tolist(),
        }

    def _freeze(self) -> None:
        groups = self.encoder.layer_groups()
        if not groups and self.settings.top_groups != 0:
            raise AstraError(
                f"encoder {self.encoder.name} cannot be fine-tuned: its weights come as a finished "
                "graph, which has no layers to teach; top_groups = 0 teaches the class head alone"
            )
        top = len(groups) if self.settings.top_groups is None else self.settings.top_groups
        for depth, group in enumerate(reversed(groups)):
            for parameter in group:
                parameter.requires_grad_(depth < top)


def labels_of(light_curves: LightCurves) -> NDArray[np.int64]:
    """Column ``label`` of the light curves, int64 [objects].

    Raises
    ------
    AstraError
        They do not carry it.
    """
    if LABEL not in light_curves.columns:
        raise AstraError(f"light curves without the column {LABEL!r}: add it with with_columns()")
    return np.asarray(light_curves.columns[LABEL], dtype=np.int64)
