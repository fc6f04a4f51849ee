"""Random draws with a fixed seed for Monte Carlo intervals, the same in every run.

The 64 random bits of each draw are PCG64's, whose stream numpy keeps from version to version (NEP 19), turned into
other distributions by their quantile functions instead of numpy's own algorithms, which it may change. Draws come in
antithetic pairs (u and 1 - u), so that the median of a symmetric quantity is its centre (Hammersley & Morton, Proc Camb
Phil Soc 1956;52:449), and cover each distribution evenly, so that quantiles vary less (McKay et al., Technometrics
1979;21:239).
"""

from __future__ import annotations

import numpy as np

from . import special
from .arrays import Floats

#: Draws, a multiple of 2: the bounds of a 95 % interval then vary by some 2 % of half its width from seed to seed.
DRAWS = 4000

#: The seed of all draws; each source of uncertainty has a stream of its own.
SEED = 20210712


def uniforms(stream: int, rows: int) -> Floats:
    """Return draws (rows, DRAWS) between 0 and 1, excluding both; the second half is 1 - the first.

    Rows are independent. Within a row there is one draw in each of DRAWS / 2 intervals of equal length (Latin
    hypercube), in random order.
    """
    count = DRAWS // 2
    raw = np.asarray(np.random.PCG64([SEED, stream]).random_raw(2 * rows * count), np.uint64).reshape(2, rows, count)
    order = raw[0].argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    within = ((raw[1] >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52
    half = (order + within) / count
    both: Floats = np.concatenate([half, 1.0 - half], axis=1)
    return both


def normals(stream: int, rows: int) -> Floats:
    """Return independent standard normal draws (rows, DRAWS)."""
    half = special.ndtri(uniforms(stream, rows)[:, :DRAWS // 2])
    both: Floats = np.concatenate([half, -half], axis=1)
    return both


def relative_sds(stream: int, rows: int, cases: int) -> Floats:
    """Return draws (rows, DRAWS) of sample SD / true SD of ``cases`` normal values: sqrt(chi2 / (cases - 1))."""
    half = 0.5 * (cases - 1)
    ratios: Floats = np.sqrt(special.gammaincinv(half, uniforms(stream, rows)) / half)
    return ratios


def betas(stream: int, a: Floats, b: Floats) -> Floats:
    """Return independent draws (m, DRAWS) of the beta distributions with ``a`` and ``b`` (m,), 1 where b is 0."""
    u = uniforms(stream, len(a))
    shares: Floats = np.array([special.betaincinv(one, other, row) if other > 0 else np.ones(DRAWS)
                               for one, other, row in zip(a.tolist(), b.tolist(), u, strict=True)])
    return shares


def dirichlet(stream: int, counts: Floats) -> Floats:
    """Return draws (m, DRAWS) of shares with ``counts`` (m,) behind them, which add up to 1; those without are 0."""
    u = uniforms(stream, len(counts))
    gammas = np.array([special.gammaincinv(count, row) if count > 0 else np.zeros(DRAWS)
                       for count, row in zip(counts.tolist(), u, strict=True)])
    shares: Floats = gammas / gammas.sum(axis=0)
    return shares


def bootstrap_moments(stream: int, values: Floats) -> tuple[Floats, Floats]:
    """Return means and variances (p, DRAWS) of ``values`` (p, n) under the Bayesian bootstrap's weights.

    Weights are those of the flat Dirichlet, the same for all p (Rubin, Ann Stat 1981;9:130); variances are multiplied
    by (n + 1) / (n - 1), so that their mean is the variance with divisor n - 1.
    """
    cases = values.shape[1]
    means, squares, total = np.zeros((len(values), DRAWS)), np.zeros((len(values), DRAWS)), np.zeros(DRAWS)
    for weights, column in zip(-np.log(uniforms(stream, cases)), values.T, strict=True):
        total += weights
        means += column[:, None] * weights
        squares += (column**2)[:, None] * weights
    means /= total
    return means, (squares / total - means**2) * (cases + 1) / (cases - 1)


def correlated(stream: int, covariance: Floats) -> Floats:
    """Return normal draws (p, DRAWS) with mean 0 and ``covariance`` (p, p), which may be singular."""
    return combined(square_root(covariance), normals(stream, len(covariance)))


def square_root(covariance: Floats) -> Floats:
    """Return the lower triangle L (p, p) with L L' = ``covariance``, which may be singular (outer-product Cholesky,
    Golub & Van Loan, Matrix Computations, 4.2.8: pivots of 0 give columns of 0)."""
    rest, root = np.array(covariance, float), np.zeros_like(covariance, float)
    smallest = np.maximum(1e-12 * np.abs(np.diag(rest)), 1e-290)  # below are numbers of few digits
    for j in range(len(rest)):
        if rest[j, j] > smallest[j]:
            root[j:, j] = rest[j:, j] / np.sqrt(rest[j, j])
            rest -= np.outer(root[:, j], root[:, j])
    return root


def combined(weights: Floats, draws: Floats) -> Floats:
    """Return ``weights`` (k, p) @ ``draws`` (p, m), added up term by term: the same bits on any number of threads."""
    total: Floats = np.zeros((len(weights), draws.shape[1]))
    for column, row in zip(np.asarray(weights, float).T, draws, strict=True):
        total += column[:, None] * row
    return total


def central_interval(draws: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the central ``confidence`` (0 - 1) interval of ``draws`` (m, DRAWS) as (lower, upper), each (m,)."""
    tail = 0.5 * (1.0 - confidence)
    lower, upper = np.quantile(draws, (tail, 1.0 - tail), axis=1)
    return lower, upper
