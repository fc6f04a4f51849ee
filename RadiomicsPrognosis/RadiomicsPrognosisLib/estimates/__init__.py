"""What a study reports of survival, computed by lifelines where it equals R to 1e-8 and by ``statistics`` elsewhere.

Functions, records and refusals are those of ``statistics``, which resampling loops call instead: importing lifelines
takes a second, and a fit takes it 10 to 100 times as long. docs/decisions/0001-lifelines.md says which quantity is
whose, and why.
"""
