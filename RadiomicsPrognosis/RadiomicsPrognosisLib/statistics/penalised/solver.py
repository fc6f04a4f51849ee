"""Minimise a likelihood's loss plus an L1 penalty, exactly, by Newton's method on the columns that are in the model."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv

from ...errors import NotConverged
from ..arrays import Floats, Integers, Mask
from .likelihoods import Likelihood

#: Largest violation of the optimality conditions left (standardised columns, loss divided by n).
TOLERANCE = 1e-10
# Columns of the model are solved more tightly than columns are let in, so that rounding cannot make one come and go.
_INNER_TOLERANCE = 1e-11
_MAX_STEPS = 1000
_MAX_HALVINGS = 50
# Added to the Hessian's diagonal, relative to its mean: where columns are linearly dependent the step then follows the
# flat direction until a coefficient reaches zero, instead of failing. It changes the step, not the solution.
_RIDGE = 1e-12
# Share of the fall that the slope promises which a step must reach (Armijo), and the rounding of a loss.
_ARMIJO = 1e-4
_ROUNDING = 1e-13


class Solver:
    """A model that moves from one penalty to the next, each time starting where it stands.

    Within a fixed support and fixed signs the problem is smooth, so a few Newton steps with the full Hessian solve it
    to rounding; a step ends where a coefficient reaches zero, and that column leaves. Columns whose gradient exceeds
    the penalty enter (feature-sign search: Lee et al., NIPS 2006; proximal Newton: Lee, Sun & Saunders, SIAM J Optim
    2014;24:1420). Columns are screened by the sequential strong rule and all of them are checked at the end (Tibshirani
    et al., J R Stat Soc B 2012;74:245).

    ``rows`` is (p, n), one row per standardised column, its entries in the likelihood's order. ``support`` holds the
    column numbers in the model (p stands for the intercept) and ``values`` their coefficients.
    """

    def __init__(self, likelihood: Likelihood, rows: Floats):
        """Start at the null model of ``likelihood`` with the columns ``rows`` (p, n)."""
        self._likelihood = likelihood
        self._p, self._n = rows.shape
        # The intercept is one more column, with weight 0 in the penalty, that never leaves.
        start = np.array([] if likelihood.intercept is None else [likelihood.intercept])
        self._rows = np.vstack([rows, np.ones((len(start), self._n))])
        self._weights = np.append(np.ones(self._p), np.zeros(len(start)))
        self._inside = self._weights == 0.0
        self._hold(np.flatnonzero(self._inside), start, np.zeros(len(start)))
        self._point = likelihood.at(self.values @ self._columns)
        self._update_gradient()
        self._penalty = self.largest_gradient

    @property
    def loss(self) -> float:
        """The likelihood's loss, without the penalty."""
        return self._point.loss

    @property
    def largest_gradient(self) -> float:
        """The largest absolute gradient of a column; at the null model this is the smallest penalty that keeps it."""
        return float(np.abs(self.gradient[:self._p]).max(initial=0.0))

    def coefficients(self) -> tuple[Floats, float]:
        """Return the (p,) coefficients on the standardised scale and the intercept."""
        full = np.zeros(self._p + 1)
        full[self.support] = self.values
        return full[:self._p], float(full[self._p])

    def solve(self, penalty: float) -> float:
        """Move to the minimum at ``penalty`` and return the largest violation of the optimality conditions.

        Raises NotConverged when it cannot be reached.
        """
        # Sequential strong rule: nearly no gradient moves by more than the penalty does.
        promising = np.abs(self.gradient) >= 2.0 * penalty - self._penalty
        promising |= self._inside
        candidates = np.flatnonzero(promising)
        rows = self._rows[candidates]
        for step in range(_MAX_STEPS):
            self.gradient[candidates] = rows @ self._point.residual / -self._n
            worst, slope = self._slope(penalty)
            # The support first follows the penalty by one step: few columns that exceed it before still do after.
            if (step > 0 or worst <= _INNER_TOLERANCE) and self._enter(candidates, penalty):
                worst, slope = self._slope(penalty)
            if worst > _INNER_TOLERANCE:
                self._step(slope, penalty)
                continue
            self._update_gradient()
            missed = (np.abs(self.gradient) > penalty + TOLERANCE) & ~promising
            if not missed.any():
                self._penalty = penalty
                outside = np.abs(self.gradient[~self._inside]).max(initial=0.0) - penalty
                return max(worst, float(outside))
            promising |= missed
            candidates = np.flatnonzero(promising)
            rows = self._rows[candidates]
        raise self._failure(penalty, worst)

    def _slope(self, penalty: float) -> tuple[float, Floats]:
        """Return the objective's gradient on the support, its largest entry first."""
        slope = self.gradient[self.support] + penalty * self._weights[self.support] * self._signs
        return float(np.abs(slope).max(initial=0.0)), slope

    def _update_gradient(self) -> None:
        self.gradient = self._rows @ self._point.residual / -self._n

    def _hold(self, support: Integers, values: Floats, signs: Floats) -> None:
        self.support, self.values, self._signs = support, values, signs
        self._columns = self._rows[support]

    def _keep(self, keep: Mask) -> None:
        self._inside[self.support[~keep]] = False
        self._hold(self.support[keep], self.values[keep], self._signs[keep])

    def _enter(self, candidates: Integers, penalty: float) -> bool:
        """Let in the candidates whose gradient exceeds the penalty, at zero, with the sign they will take."""
        new = candidates[np.abs(self.gradient[candidates]) > penalty + TOLERANCE]
        new = new[~self._inside[new]]
        if not len(new):
            return False
        self._inside[new] = True
        self._hold(np.concatenate([self.support, new]), np.concatenate([self.values, np.zeros(len(new))]),
                   np.concatenate([self._signs, -np.sign(self.gradient[new])]))
        return True

    def _step(self, slope: Floats, penalty: float) -> None:
        """Make one Newton step within the signs; a column that entered but would take the other sign leaves first."""
        hessian = self._likelihood.hessian(self._columns, self._point)
        hessian.flat[::len(hessian) + 1] += _RIDGE * np.trace(hessian) / len(hessian)
        while True:
            _, direction, failed = dposv(hessian.T, -slope)
            if failed:
                raise self._failure(penalty, float(np.abs(slope).max()))
            keep = (self.values != 0.0) | (direction * self._signs >= 0.0)
            if keep.all():
                break
            self._keep(keep)
            slope, hessian = slope[keep], hessian[np.ix_(keep, keep)]
        self._move(direction, slope, penalty)

    def _move(self, direction: Floats, slope: Floats, penalty: float) -> None:
        """Go along ``direction``, no further than to the first zero, halving until the objective falls."""
        reach = np.full(len(direction), np.inf)
        shrinking = direction * self._signs < 0.0
        reach[shrinking] = -self.values[shrinking] / direction[shrinking]
        limit = reach.min(initial=np.inf)
        size = min(1.0, limit)
        cost = penalty * self._weights[self.support] * self._signs
        fall = _ARMIJO * (slope @ direction)
        before = self._point.loss + cost @ self.values
        before += _ROUNDING * (1.0 + abs(before))
        for _ in range(_MAX_HALVINGS):
            values = self.values + size * direction
            point = self._likelihood.at(values @ self._columns)
            if point.loss + cost @ values <= before + size * fall:
                break
            size /= 2.0
        else:
            raise self._failure(penalty, float(np.abs(slope).max()))
        self.values, self._point = values, point
        if size == limit:
            self._keep(reach > limit)

    def _failure(self, penalty: float, worst: float) -> NotConverged:
        return NotConverged(
            f"the penalised fit does not converge at lambda = {penalty:.6g}: with {len(self.support)} columns in the "
            f"model the optimality conditions are still violated by {worst:.3g}. The columns probably separate the "
            f"outcome perfectly or depend on each other; stop at a larger lambda (a larger lambda_min_ratio), or use "
            f"fewer columns")
