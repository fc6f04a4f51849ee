"""The prediction as a DICOM structured report (TID 1500): features, score, group, outcome, and its warnings."""

from __future__ import annotations

import highdicom
from highdicom import sr
from highdicom.seg import Segmentation
from pydicom.sr.codedict import codes

from ..answer import answer_lines, answer_of
from ..models.model import Model
from ..prediction.columns import engine_values
from ..prediction.record import Prediction
from ..texts import DISCLAIMER, clean
from ..version import __version__
from .codes import feature_code, method_code, private_code, private_scheme, short_text, unit_code
from .segmentation import MANUFACTURER, MEASURED
from .source import SourceSeries


def make_report(prediction: Prediction, model: Model, input_name: str, segmentation: Segmentation,
                source: SourceSeries, series_number: int = 9002) -> sr.Comprehensive3DSR:
    """Return the structured report of the features of one input, and of the prediction they led to."""
    group = _group(prediction, model, input_name, segmentation, source)
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=sr.ObserverContext(
            observer_type=codes.DCM.Device,
            observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
                uid=highdicom.UID(), name=MANUFACTURER, manufacturer_name=MANUFACTURER, model_name=MANUFACTURER,
                serial_number=__version__))),
        procedure_reported=codes.cid100.CTUnspecifiedBodyRegion,
        imaging_measurements=[group],
        title=codes.DCM.ImagingMeasurementReport,
    )
    report = sr.Comprehensive3DSR(
        evidence=[*source.headers, segmentation],
        content=content,
        series_instance_uid=highdicom.UID(),
        series_number=series_number,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        series_description="RadiomicsPrognosis measurements",
    )
    report.CodingSchemeIdentificationSequence = private_scheme()
    return report


def _group(prediction: Prediction, model: Model, input_name: str,
           segmentation: Segmentation, source: SourceSeries) -> sr.VolumetricROIMeasurementsAndQualitativeEvaluations:
    voi = prediction.vois[input_name]
    software = sr.AlgorithmIdentification(name=short_text(f"RadiomicsPrognosis, model {model.id}"),
                                          version=short_text(f"{__version__}, model {model.version}"))
    engine = sr.AlgorithmIdentification(*map(short_text, engine_values(prediction)))
    measurements = [sr.Measurement(feature_code(item.feature), item.value, unit_code(item.unit),
                                   method=method_code(item.feature, prediction.protocol.hash), algorithm_id=engine)
                    for item in prediction.contributions if item.input == input_name]
    measurements += [sr.Measurement(code, value, unit_code(""), algorithm_id=software)
                     for code, value in _predicted(prediction, model)]
    measurements.append(sr.Measurement(private_code("KEPT_VOLUME", "Volume of the measured voxels"),
                                       voi.kept_volume_mm3, unit_code("mm3")))
    evaluations = []
    if prediction.group is not None:
        side = "GROUP_ABOVE" if prediction.group.above else "GROUP_BELOW"
        evaluations.append(sr.QualitativeEvaluation(private_code("GROUP", "Group by the model's cut-off"),
                                                    private_code(side, prediction.group.label)))
    group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=highdicom.UID(), identifier=short_text(voi.segment)),
        referenced_segment=sr.ReferencedSegment(
            segmentation.SOPClassUID, segmentation.SOPInstanceUID, MEASURED,
            source_series=sr.SourceSeriesForSegmentation(source.headers[0].SeriesInstanceUID)),
        finding_type=codes.SCT.Mass,
        measurements=measurements,
        qualitative_evaluations=evaluations or None,
    )
    for text in _comments(prediction, model):
        group[0].ContentSequence.append(sr.TextContentItem(
            name=codes.DCM.Comment, value=text, relationship_type=sr.RelationshipTypeValues.CONTAINS))
    return group


def _predicted(prediction: Prediction, model: Model) -> list[tuple[sr.CodedConcept, float]]:
    """Return score and outcomes as (concept, value)."""
    predicted = []
    if prediction.score is not None:
        predicted.append((private_code("SCORE", model.score_name), prediction.score))
    if prediction.survival is not None:
        survival = prediction.survival
        name = short_text(model.endpoint.abbreviation, 30)
        predicted += [(private_code(f"SURVIVAL_{month:g}M", f"{name} at {month:g} months, predicted"), share)
                  for month, share in zip(survival.horizons_months, survival.at_horizons, strict=True)]
    if prediction.probability is not None:
        predicted.append((private_code("PROBABILITY", f"Predicted probability of {prediction.outcome}"),
                          prediction.probability))
    return predicted


def _comments(prediction: Prediction, model: Model) -> list[str]:
    """Return what must travel with the numbers: use, the answer in words with all that limits it, what made it."""
    answer = answer_of(prediction, model)
    origin = [f"{what} SHA-256 {item.hash}." for what, item in (("Model", prediction.model),
                                                                ("Protocol", prediction.protocol)) if item is not None]
    if prediction.scaling is not None:
        origin.append(f"Scaling SHA-256 {prediction.scaling.hash}.")
    factors = [f"{title}: {value}" for title, value in answer.covariates]
    return [clean(text, 1000) for text in (DISCLAIMER, *answer_lines(answer), *factors, *answer.provenance, *origin)]
