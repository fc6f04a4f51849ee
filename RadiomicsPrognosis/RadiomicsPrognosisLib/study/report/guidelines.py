"""The items of the reporting guidelines, in our own short words with the guidelines' numbers.

TRIPOD+AI: Collins et al., BMJ 2024;385:e078378. CLEAR: Kocak et al., Insights Imaging 2023;14:75. METRICS: Kocak et
al., Insights Imaging 2024;15:8. An item's third entry names what in a study answers it (checklist.py), empty where only
the authors can.
"""

from __future__ import annotations

TRIPOD_AI, CLEAR, METRICS = "TRIPOD+AI", "CLEAR", "METRICS"

#: Guideline, citation and DOI.
SOURCES = (
    (TRIPOD_AI, "Collins et al., BMJ 2024;385:e078378", "10.1136/bmj-2023-078378"),
    (CLEAR, "Kocak et al., Insights Imaging 2023;14:75", "10.1186/s13244-023-01415-8"),
    (METRICS, "Kocak et al., Insights Imaging 2024;15:8", "10.1186/s13244-023-01572-w"),
)

#: (number, what it asks for, what answers it) by guideline.
ITEMS = {
    TRIPOD_AI: (
        ("1", "title: prediction model, population, outcome", ""), ("2", "abstract", ""),
        ("3a", "clinical context and existing models", ""), ("3b", "target population, purpose and users", ""),
        ("3c", "known inequalities between groups", ""), ("4", "objectives", ""),
        ("5a", "sources of the data", ""), ("5b", "dates of recruitment and follow-up", ""),
        ("6a", "setting and centres", ""), ("6b", "eligibility criteria", ""), ("6c", "treatments received", ""),
        ("7", "preparation and quality checks of the data", ""),
        ("8a", "outcome and prediction horizon", "endpoint"), ("8b", "who assessed a subjective outcome", ""),
        ("8c", "blinding of the outcome's assessment", ""), ("9a", "choice of the initial predictors", ""),
        ("9b", "definition of all predictors", ""), ("9c", "who assessed subjective predictors", ""),
        ("10", "how the sample size was arrived at", ""), ("11", "handling of missing data", "missing"),
        ("12a", "how data were split for development and evaluation", "cohorts"),
        ("12b", "how predictors were handled (scaling, coding)", "scaling"),
        ("12c", "model type, building steps, internal validation", "building"),
        ("12d", "heterogeneity between clusters", ""), ("12e", "performance measures and plots", "performance"),
        ("12f", "model updating", ""), ("12g", "how predictions were calculated in evaluation", "equation"),
        ("13", "class imbalance methods", ""), ("14", "approaches to fairness", ""),
        ("15", "output of the model and its thresholds", "cutoff"),
        ("16", "differences of development and evaluation data", "characteristics"),
        ("17", "ethical approval", ""), ("18a", "funding", ""), ("18b", "conflicts of interest", ""),
        ("18c", "study protocol", ""), ("18d", "registration", ""), ("18e", "availability of the data", ""),
        ("18f", "availability of the analysis code", ""), ("19", "patient and public involvement", ""),
        ("20a", "flow of participants, events, follow-up", "flow"), ("20b", "characteristics by data set",
                                                                    "characteristics"),
        ("20c", "comparison of predictors between data sets", "characteristics"),
        ("21", "participants and events in each analysis", "used"),
        ("22", "the full model, so that others can predict", "equation"),
        ("23a", "performance with confidence intervals", "performance"),
        ("23b", "heterogeneity of performance", ""), ("24", "results of model updating", ""),
        ("25", "interpretation", ""), ("26", "limitations", ""),
        ("27a", "poor or missing input when the model is used", ""), ("27b", "users' interaction and expertise", ""),
        ("27c", "next steps", ""),
    ),
    CLEAR: (
        ("1", "title names the radiomic method", ""), ("2", "structured summary", ""), ("3", "keywords", ""),
        ("4", "background", ""), ("5", "why radiomics", ""), ("6", "objectives", ""),
        ("7", "guidelines adhered to", ""), ("8", "ethics", ""), ("9", "sample size", ""),
        ("10", "study nature", ""), ("11", "eligibility criteria", ""), ("12", "flow chart of the pipeline", ""),
        ("13", "data source", ""), ("14", "overlap with earlier data", ""), ("15", "data split", "cohorts"),
        ("16", "imaging protocol", ""), ("17", "definition of other predictors", ""),
        ("18", "reference standard or outcome", "endpoint"), ("19", "segmentation strategy", ""),
        ("20", "operators of the segmentation", ""), ("21", "image pre-processing", "protocol"),
        ("22", "resampling", "protocol"), ("23", "discretisation", "protocol"), ("24", "image types", "protocol"),
        ("25", "feature extraction method", "protocol"), ("26", "feature classes", "protocol"),
        ("27", "number of features", "features"), ("28", "remaining parameters as default", "protocol"),
        ("29", "missing data", "missing"), ("30", "class imbalance", "balance"),
        ("31", "reliability of the segmentation", "reproducibility"), ("32", "feature scaling", "scaling"),
        ("33", "dimension reduction", "features"), ("34", "algorithms", "building"),
        ("35", "training and tuning", "building"), ("36", "confounders", ""),
        ("37", "choice of the model", "building"), ("38", "testing technique", "validation"),
        ("39", "performance metrics (and why these)", "performance"), ("40", "uncertainty", "performance"),
        ("41", "statistical comparison of performance", "comparisons"),
        ("42", "method of comparing with clinical and combined models", "clinical"),
        ("43", "interpretability", ""),
        ("44", "baseline characteristics", "characteristics"), ("45", "flow chart of eligibility", ""),
        ("46", "feature statistics", "features"), ("47", "performance of the models", "performance"),
        ("48", "results beside clinical and combined models", "clinical"), ("49", "main findings", ""),
        ("50", "previous work", ""), ("51", "practical implications", ""), ("52", "strengths and limitations", ""),
        ("53", "sharing of images and segmentations", ""), ("54", "sharing of feature values", ""),
        ("55", "sharing of pre-processing settings", ""), ("56", "sharing of source code", ""),
        ("57", "sharing of model files", ""), ("58", "a ready-to-use system", ""),
    ),
    METRICS: (
        ("1", "adherence to checklists", ""), ("2", "eligibility criteria, representative population", ""),
        ("3", "high-quality reference standard", ""), ("4", "several centres", ""),
        ("5", "imaging source that translates to practice", ""), ("6", "imaging protocol", ""),
        ("7", "interval between imaging and reference standard", ""), ("8", "segmentation described", ""),
        ("9", "evaluation of fully automated segmentation", ""), ("10", "one reader or tool for the test set", ""),
        ("11", "image preprocessing", "protocol"), ("12", "standardised extraction software", "protocol"),
        ("13", "extraction parameters", "protocol"), ("14", "non-robust features removed", "reproducibility"),
        ("15", "redundant features removed", "redundancy"), ("16", "dimensionality fits the data", "dimension"),
        ("17", "robustness of end-to-end deep learning", ""), ("18", "proper partitioning", "cohorts"),
        ("19", "confounding factors", ""), ("20", "metrics fit the task", "performance"),
        ("21", "uncertainty", "performance"), ("22", "calibration", "calibration"),
        ("23", "one imaging method, or proof that it is worse", ""), ("24", "beside a clinical model", "clinical"),
        ("25", "beside simple statistical models", ""), ("26", "internal testing", "validation"),
        ("27", "external testing", ""), ("28", "data availability", ""), ("29", "code availability", ""),
        ("30", "model availability", ""),
    ),
}
