import warnings

import numpy as np
import pytest

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders import build, embed
from astra.encoders.light_curve_embed import LightCurveEmbed, LightCurveEmbedSettings
from astra.encoders.published import PUBLISHED
from astra.training.supervised import Supervised, SupervisedSettings

IN_ZTF = ("ztf_g", "ztf_r", "ztf_i")


@pytest.fixture(scope="module")
def ztf(make_light_curves) -> LightCurves:
    return make_light_curves([8, 90, 700], bands=IN_ZTF)


def photometry(light_curves: LightCurves, row: int) -> tuple[np.ndarray, ...]:
    """MJD, centred magnitude, its error, flux, its error, band: of one object, in float64."""
    curve = light_curves[row]
    flux, flux_error = curve.flux.astype(float), curve.flux_error.astype(float)
    error = 1.0857362 * flux_error / flux
    magnitude = -2.5 * np.log10(flux)
    magnitude -= np.average(magnitude, weights=error**-2)
    return curve.mjd, magnitude, error, flux, flux_error, curve.band.astype(int)


def published(model: str, onnx: bytes, **options):
    """Open the model as its package does."""
    import onnxruntime
    from light_curve import embed as package

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(package, PUBLISHED[model].kind)(
            onnxruntime.InferenceSession(onnx), **options
        )


def test_astra_clr_centred_as_its_package_does_gives_what_its_package_gives(
    ztf: LightCurves, make_onnx
) -> None:
    onnx = make_onnx("astra_clr")
    theirs = published("astra_clr", onnx, reduction=["beginning", "middle", "end"])
    ours = LightCurveEmbed.of("astra_clr", onnx)
    settings = LightCurveEmbedSettings("astra_clr", centre="band_window", file_bytes=len(onnx))
    as_theirs = LightCurveEmbed(settings)
    as_theirs.load_state_dict(ours.state_dict())
    found, by_object = (embed(encoder, ztf, device="cpu") for encoder in (as_theirs, ours))
    assert found.shape == (3, 1536)
    for row in range(3):
        mjd, magnitude, error, _, _, band = photometry(ztf, row)
        expected = theirs(mjd, magnitude, error, band).reshape(-1)
        np.testing.assert_allclose(found[row], expected, rtol=1e-3, atol=2e-3)
    assert np.abs(by_object - found).max() > 0.1


def test_centred_on_the_object_astra_clr_sees_what_it_was_trained_on(
    ztf: LightCurves, make_onnx
) -> None:
    """Window by window, its tokens are those of the replica."""
    encoder = LightCurveEmbed.of("astra_clr", make_onnx("astra_clr"))
    model, seen = encoder.open(), []
    predict = model.predict_tensors
    model.predict_tensors = lambda tensors: (seen.append(tensors), predict(tensors))[1]
    embed(encoder, ztf, device="cpu", batch=1)
    replica = build("astra_clr_replica", width=16, heads=2, blocks=1, feed_forward=16)
    batch = replica.collate(ztf)
    by_tokens = {int(tensors.bool_mask.sum()): tensors for tensors in seen}
    for row in range(3):
        tensors = by_tokens[int(batch["mask"][row].sum())]
        for window in range(3):
            real, mask = tensors.bool_mask[window], batch["mask"][row, window].numpy()
            for name, theirs in (("value", tensors.input), ("day", tensors.times)):
                np.testing.assert_allclose(
                    batch[name][row, window].numpy()[mask], theirs[window, real, 0], atol=2e-3
                )


def test_windows_may_be_averaged(ztf: LightCurves, make_onnx) -> None:
    onnx = make_onnx("astra_clr")
    concat = LightCurveEmbed.of("astra_clr", onnx)
    mean = LightCurveEmbed(LightCurveEmbedSettings("astra_clr", "mean", file_bytes=len(onnx)))
    mean.load_state_dict(concat.state_dict())
    apart, together = (embed(encoder, ztf, device="cpu") for encoder in (concat, mean))
    assert together.shape == (3, 512)
    np.testing.assert_allclose(apart.reshape(3, 3, 512).mean(1), together, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("model", ["astromer1", "chronos2", "chronos_bolt_mini", "moment1_base"])
def test_models_of_one_series_see_each_band_by_itself(
    ztf: LightCurves, make_onnx, model: str
) -> None:
    onnx = make_onnx(model)
    theirs = published(model, onnx, **PUBLISHED[model].options)
    found = embed(LightCurveEmbed.of(model, onnx), ztf, device="cpu")
    for row in range(3):
        mjd, magnitude, _, _, _, band = photometry(ztf, row)
        vectors, counts = [], []
        for code in np.unique(band):
            chosen = band == code
            arguments = (mjd[chosen],) if model.startswith("astromer") else ()
            vectors.append(theirs(*arguments, magnitude[chosen]).reshape(-1))
            counts.append(chosen.sum())
        expected = np.average(vectors, axis=0, weights=counts)
        np.testing.assert_allclose(found[row], expected, rtol=1e-3, atol=1e-3)


def test_models_of_lsst_see_fluxes_in_the_nearest_bands(ztf: LightCurves, make_onnx) -> None:
    nearest = np.array([1, 2, 3])
    for model, options in (("atcat", {"mag_zp": 23.9}), ("atat", PUBLISHED["atat"].options)):
        onnx = make_onnx(model)
        theirs = published(model, onnx, **options)
        found = embed(LightCurveEmbed.of(model, onnx), ztf, device="cpu")
        for row in range(2):  # the third has bands of more than 65 observations
            mjd, _, _, flux, flux_error, band = photometry(ztf, row)
            errors = (flux_error,) if model == "atcat" else ()
            expected = theirs(mjd, flux, *errors, nearest[band]).reshape(-1)
            np.testing.assert_allclose(found[row], expected, rtol=1e-3, atol=1e-3)


def test_long_bands_are_thinned_evenly_for_atat(make_light_curves, make_onnx) -> None:
    encoder = LightCurveEmbed.of("atat", make_onnx("atat"))
    light_curves = make_light_curves([200], bands=("lsst_r",))
    model, seen = encoder.open(), []
    predict = model.predict_tensors
    model.predict_tensors = lambda tensors: (seen.append(tensors), predict(tensors))[1]
    embed(encoder, light_curves, device="cpu")
    mjd = light_curves[0].mjd[np.linspace(0, 199, 65).astype(int)]
    np.testing.assert_allclose(seen[0].time[0, :, 2], mjd - mjd[0], atol=1e-3)


def test_difference_fluxes_reach_both_kinds(make_light_curves, wrap_tiny) -> None:
    light_curves = make_light_curves([40], difference=True)
    magnitudes, fluxes = (
        wrap_tiny(f"light_curve:{model}").collate(light_curves)["value"].numpy()
        for model in ("astra_clr", "atcat")
    )
    np.testing.assert_array_equal(fluxes[0], light_curves.flux)
    np.testing.assert_array_equal(magnitudes < 0, fluxes > 0)


def test_every_published_model_opens_and_embeds(ztf: LightCurves, wrap_tiny) -> None:
    two = ztf.take(np.arange(2))
    for model, facts in PUBLISHED.items():
        found = embed(wrap_tiny(f"light_curve:{model}"), two, device="cpu")
        assert found.shape == (2, facts.size * facts.windows)
        assert np.abs(found[0] - found[1]).max() > 1e-3, model


def test_it_cannot_be_fine_tuned(wrap_tiny) -> None:
    encoder, labels = wrap_tiny("light_curve:astromer2"), np.array([0, 1])
    with pytest.raises(AstraError, match="cannot be fine-tuned"):
        Supervised(encoder, ("a", "b"), labels, SupervisedSettings(top_groups=2))
    head = Supervised(encoder, ("a", "b"), labels, SupervisedSettings(top_groups=0))
    assert not list(head.encoder.parameters())


def test_a_file_of_another_model_is_refused(ztf: LightCurves, make_onnx) -> None:
    other = LightCurveEmbed.of("chronos_bolt_base", make_onnx("chronos2"))
    assert embed(other, ztf, device="cpu").shape == (3, 768)
    with pytest.raises(AstraError, match="gave 768 numbers instead of 256"):
        embed(LightCurveEmbed.of("chronos_bolt_tiny", make_onnx("chronos2")), ztf, device="cpu")
    with pytest.raises(AstraError, match="not an ONNX model"):
        embed(LightCurveEmbed.of("astromer2", b"not ONNX"), ztf, device="cpu")


def test_without_weights_it_says_what_to_do(ztf: LightCurves) -> None:
    with pytest.raises(AstraError, match="has no weights"):
        embed(build("light_curve", model="astromer2"), ztf, device="cpu")
    with pytest.raises(AstraError, match="there are astra_clr"):
        build("light_curve", model="astromer9")
