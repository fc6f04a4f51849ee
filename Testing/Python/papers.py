"""Numbers typed from the papers' tables, independent of the files that ship, for tests to recompute scores by hand."""

#: S1, table 2 (the text prints 'origin_' for 'original_' in three names).
S1_BETAS = {
    "original_firstorder_Skewness": -0.104667846,
    "original_glszm_SizeZoneNonUniformityNormalized": 0.001161134,
    "original_glszm_SizeZoneNonUniformity": 0.034339901,
    "original_glszm_LowGrayLevelZoneEmphasis": -0.017089976,
    "wavelet-HLL_glcm_Idn": 0.062595767,
    "wavelet-HLL_firstorder_Maximum": 0.026703955,
    "wavelet-HLL_glszm_SizeZoneNonUniformityNormalized": 0.042957143,
    "wavelet-LHL_firstorder_TotalEnergy": 0.017543973,
    "wavelet-LHL_firstorder_Maximum": 0.003781538,
    "wavelet-LLH_gldm_SmallDependenceLowGrayLevelEmphasis": -0.007364328,
    "wavelet-LLH_glcm_DifferenceVariance": 0.157807433,
    "wavelet-LLH_glrlm_ShortRunHighGrayLevelEmphasis": 0.042028490,
    "wavelet-LLH_ngtdm_Coarseness": -0.101981005,
    "wavelet-HLH_gldm_SmallDependenceLowGrayLevelEmphasis": -0.073958943,
    "wavelet-HLH_firstorder_Maximum": 0.051287394,
    "wavelet-HHH_glcm_MaximumProbability": -0.055239045,
    "wavelet-LLL_glcm_Imc2": -0.028958889,
}
S1_CUTOFF = 0.1411

#: S1, table 4: hazard ratios of the multivariable model.
S1_HR = {"score": 4.423, "n_stage": 1.892, "complete_response": 0.154}

#: S2, table 2.
S2_RESPONSE_INTERCEPT = -3.215941
S2_RESPONSE_BETAS = {
    "original_shape_Sphericity": -0.4714669,
    "original_glcm_InverseVariance": 1.627270,
    "original_firstorder_InterquartileRange": 0.03268378,
    "original_firstorder_90Percentile": 0.01575666,
    "original_firstorder_Kurtosis": 0.003081561,
    "original_glrlm_ShortRunEmphasis": 2.5310139,
    "original_glszm_LargeAreaHighGrayLevelEmphasis": 2.987626e-9,
}
S2_RESPONSE_CUTOFF = 0.961

#: S2, formula of the two-year score.
S2_CONTROL_INTERCEPT = -3.281461437
S2_CONTROL_BETAS = {"original_firstorder_InterquartileRange": 0.002394247, "original_glrlm_RunPercentage": 3.434397106}
S2_CONTROL_CUTOFF = -1.015
