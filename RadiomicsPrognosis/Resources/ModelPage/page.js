"use strict";
/* The page of one model: what is entered goes through the model's formula, and every number is written with its full
   precision into data-value. It asks no server; everything it knows is in the element #model. */
(() => {
  const model = JSON.parse(document.getElementById("model").textContent);
  const element = (id) => document.getElementById(id);
  const terms = model.terms;
  const NOT_KNOWN = "\u0000not known yet";

  // ---- the model's formula -------------------------------------------------------------------------------------

  const asNumber = (term, value) => (term.levels ? numberOf(term, value) : value);

  const contribution = (term, value, coefficient = term.coefficient) =>
    term.levels && term.categorical ? coefficient[value] : coefficient * asNumber(term, value);

  const numberOf = (term, label) => term.levels.find((level) => level.label === label).value;

  const linearPredictor = (values) =>
    terms.reduce((total, term) => total + contribution(term, values[term.name]), model.intercept);

  /* The model's score: that of its signature, several signatures' share of the linear predictor, or 0 and 1 by group. */
  function scoreOf(values) {
    if (!model.score.length || model.score.some((item) => !(item.name in values))) return undefined;
    const value = (name) => asNumber(terms.find((term) => term.name === name), values[name]);
    return model.score.reduce((total, item) => total + item.weight * value(item.name), 0);
  }

  function cumulativeHazard(month) {
    const times = [0, ...model.survival.times], hazards = [0, ...model.survival.hazards];
    let last = 0;
    while (last + 1 < times.length && times[last + 1] <= month) last += 1;
    if (model.survival.step || last + 1 === times.length) return hazards[last];
    const slope = (hazards[last + 1] - hazards[last]) / (times[last + 1] - times[last]);
    return hazards[last] + slope * (month - times[last]);
  }

  // exp of 700 is still a double, and exp(-exp(700)) is 0.
  const survival = (hazard, lp) => Math.exp(-Math.exp(Math.min(Math.log(hazard) + lp, 700)));

  function probability(lp) {
    const odds = Math.exp(-Math.abs(lp));
    return (lp >= 0 ? 1 : odds) / (1 + odds);
  }

  /* Every way to fill in what is not known yet, with its share of the patients. */
  function mixture(values) {
    let ways = [{ share: 1, values, label: "", awaited: [], level: "" }];
    for (const term of terms.filter((item) => values[item.name] === NOT_KNOWN)) {
      ways = ways.flatMap((way) => Object.entries(term.shares).map(([label, share]) => ({
        share: way.share * share, values: { ...way.values, [term.name]: label }, level: label,
        label: [way.label, `${term.title}: ${label}`].filter(Boolean).join(", "), awaited: [...way.awaited, term.name],
      })));
    }
    return ways.map((way) => ({ ...way, lp: linearPredictor(way.values) }));
  }

  const mean = (ways, of) => ways.reduce((total, way) => total + way.share * of(way.lp, way), 0);

  const survivalAt = (ways, month) => (month === 0 ? 1 : mean(ways, (lp) => survival(cumulativeHazard(month), lp)));

  // ---- what is entered -----------------------------------------------------------------------------------------

  function entered() {
    const values = {};
    for (const term of terms) {
      if (term.levels) {
        const chosen = document.querySelector(`input[name="${CSS.escape(term.name)}"]:checked`);
        if (chosen) values[term.name] = chosen.dataset.notKnown === undefined ? chosen.value : NOT_KNOWN;
      } else {
        const number = element(`number-${term.index}`).valueAsNumber;
        const within = (term.low === null || number >= term.low) && (term.high === null || number <= term.high);
        if (Number.isFinite(number) && within) values[term.name] = number;
      }
    }
    return values;
  }

  const lacking = (values) => terms.filter((term) => !(term.name in values));

  const knownPoints = (term, values) => (!(term.name in values) || values[term.name] === NOT_KNOWN ? null
    : (contribution(term, values[term.name]) - term.least) * model.points.scale);

  function set(term, value) {
    if (term.levels) {
      [...document.getElementsByName(term.name)].find((item) => item.value === value).checked = true;
    } else {
      element(`number-${term.index}`).value = value;
      element(`range-${term.index}`).value = value;
    }
    show();
  }

  // ---- how numbers are written ---------------------------------------------------------------------------------

  function percentNumber(share) {
    if (share < 0.01) return "<1";
    if (share > 0.99) return ">99";
    const value = 100 * share, floor = Math.floor(value);
    const rest = value - floor;
    return String(rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor);
  }

  const percent = (share, interval) => `${percentNumber(share)} %`
    + (interval ? ` (${percentNumber(interval[0])} - ${percentNumber(interval[1])})` : "");

  const minus = (text) => (Number.isNaN(Number(text)) ? text : text.replace("-", "\u2212")); // a name keeps its hyphen

  // ---- the answer ----------------------------------------------------------------------------------------------

  function write(id, text, value) {
    const target = element(id);
    if (target.textContent !== text) target.textContent = text;
    if (value === undefined || value === null) delete target.dataset.value;
    else target.dataset.value = Array.isArray(value) ? JSON.stringify(value) : String(value);
  }

  function standing(score) {
    if (!model.reference.length || score === undefined) return { verdict: "usual", text: "" };
    const distances = model.reference.map((item) => Math.abs(score - item.mean) / item.sd);
    const nearest = distances.indexOf(Math.min(...distances)), distance = distances[nearest];
    const verdict = distance > model.limits.beyond ? "beyond" : distance > model.limits.unusual ? "unusual" : "usual";
    const item = model.reference[nearest];
    const text = `${model.scoreName} ${minus(score.toPrecision(4))} lies ${distance.toFixed(1)} SD from the mean of `
      + `${item.cohort} (${minus(item.mean.toPrecision(3))} ± ${item.sd.toPrecision(3)}): `;
    if (verdict === "beyond") return { verdict, text: `${text}the model was not made for such a case; no answer is given.` };
    if (verdict === "unusual") return { verdict, text: `${text}few patients of the model were like that; the answer is uncertain.` };
    return { verdict, text: "" };
  }

  function groupOf(value) {
    const { cutoff } = model;
    if (!cutoff || value === undefined) return null;
    const above = cutoff.inclusive ? value >= cutoff.value : value > cutoff.value;
    return { label: above ? cutoff.above : cutoff.below, worse: above === (cutoff.worse === "above") };
  }

  function showPoints(values) {
    let total = 0, complete = true;
    for (const term of terms) {
      const points = knownPoints(term, values);
      complete = complete && points !== null;
      total += points ?? 0;
      write(`points-${term.index}`, points === null ? "" : `${minus(points.toFixed(1))} points`, points);
    }
    write("total", complete ? minus(total.toFixed(1)) : "\u2013", complete ? total : null);
    return complete ? total : null;
  }

  function showGroup(values, ways, isBeyond) {
    const { cutoff } = model;
    if (!cutoff) return;
    const on = cutoff.on === "score" ? scoreOf(values) : ways && ways.length === 1 ? ways[0].lp : undefined;
    const group = isBeyond ? null : groupOf(on);
    write("group", group ? `${group.worse ? "▲" : "●"} ${group.label}` : "\u2013");
    element("group").className = group ? (group.worse ? "worse" : "better") : "";
  }

  function listed(names) {
    return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}` : names.join("");
  }

  function showOutcomes(values, ways, isBeyond) {
    const absent = lacking(values).map((term) => term.title);
    const reason = isBeyond ? "" : absent.length ? `Enter ${listed(absent)} to see what the model predicts.` : "";
    write("ask", reason);
    element("answer").hidden = !ways;
    if (!ways) return;
    const known = intervals(ways);
    const tell = (index, share, ends) => {
      write(`outcome-${index}`, percent(share, ends), share);
      if (ends) element(`outcome-${index}`).dataset.interval = JSON.stringify(ends);
      else delete element(`outcome-${index}`).dataset.interval;
    };
    if (model.survival) {
      model.survival.horizons.forEach((month, index) => tell(index, survivalAt(ways, month), known?.horizons[index]));
    } else {
      tell(0, mean(ways, probability), known?.probability);
    }
    write("mixed", terms.filter((term) => ways[0].awaited.includes(term.name)).map((term) => term.mixed).join(" "));
    write("uncertainty", known || !drawn ? model.uncertainty
      : "Interval not available: more than one factor is not yet known.");
    drawCurve(ways, null);
    // The band takes some hundredths of a second, in which the curve follows the hand.
    cancelAnimationFrame(show.band);
    if (known?.at) show.band = requestAnimationFrame(() => drawCurve(ways, known));
  }

  function show() {
    const values = entered();
    for (const term of terms.filter((item) => !item.levels && item.name in values)) {
      element(`range-${term.index}`).value = values[term.name];
    }
    const place = standing(scoreOf(values)), isBeyond = place.verdict === "beyond";
    write("standing", place.text);
    element("result").classList.toggle("questioned", place.verdict === "unusual");
    const total = showPoints(values);
    const ways = lacking(values).length || isBeyond ? null : mixture(values);
    write("lp", "", ways && ways.length === 1 ? ways[0].lp : null);
    showGroup(values, ways, isBeyond);
    showOutcomes(values, ways, isBeyond);
    drawNomogram(values, isBeyond ? null : total);
  }

  // ---- intervals -----------------------------------------------------------------------------------------------

  const drawn = model.draws && unpacked(model.draws);

  /* Numbers travel as the little-endian doubles that they are, so that not a bit is lost. */
  function doubles(text) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new Float64Array(bytes.buffer);
  }

  function unpacked(draws) {
    const each = (texts) => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, doubles(text)]));
    return { ...draws, coefficients: each(draws.coefficients), ratios: draws.ratios.map(doubles),
      mixes: Object.fromEntries(Object.entries(draws.mixes).map(([name, texts]) => [name, each(texts)])) };
  }

  /* What each draw's coefficients add to the linear predictor of the values. */
  function deviations(values) {
    const total = new Float64Array(drawn.count);
    const add = (name, factor) => {
      const row = drawn.coefficients[name];
      if (row) for (let i = 0; i < drawn.count; i += 1) total[i] += row[i] * factor;
    };
    add("intercept", 1);
    for (const term of terms) {
      const value = values[term.name];
      if (term.categorical) add(`${term.name}=${value}`, 1);
      else add(term.name, asNumber(term, value));
    }
    return total;
  }

  /* Each draw's log ratio to the baseline hazard: linear between the months of the draws, outside it stays. */
  function ratioAt(month) {
    if (!drawn.months.length) return null;
    let below = 0;
    while (below + 1 < drawn.months.length && drawn.months[below + 1] <= month) below += 1;
    const above = Math.min(below + 1, drawn.months.length - 1);
    const share = month <= drawn.months[0] || above === below ? 0
      : (month - drawn.months[below]) / (drawn.months[above] - drawn.months[below]);
    return drawn.ratios[below].map((ratio, i) => (1 - share) * ratio + share * drawn.ratios[above][i]);
  }

  /* numpy's quantile: linear between the two nearest draws. */
  function quantile(sorted, share) {
    const place = share * (sorted.length - 1), below = Math.floor(place), rest = place - below;
    if (below + 1 >= sorted.length) return sorted[below];
    return sorted[below] + (sorted[below + 1] - sorted[below]) * rest;
  }

  function bounds(shares) {
    shares.sort();
    const tail = 0.5 * (1 - drawn.confidence);
    return [quantile(shares, tail), quantile(shares, 1 - tail)];
  }

  /* The central interval of the outcome of `ways` by `of`, which returns each draw's outcome of one of them. */
  function interval(ways, mix, of) {
    const total = new Float64Array(drawn.count);
    for (const [number, way] of ways.entries()) {
      const outcome = of(way, number);
      for (let i = 0; i < drawn.count; i += 1) total[i] += mix ? mix[way.level][i] * outcome[i] : outcome[i];
    }
    return bounds(total);
  }

  /* Intervals of what is shown, null where there are no draws, or more than one factor is averaged over. */
  function intervals(ways) {
    if (!drawn || ways.some((way) => way.awaited.length > 1)) return null;
    const awaited = ways[0].awaited[0], mix = awaited ? drawn.mixes[awaited] : null;
    const moved = ways.map((way) => deviations(way.values).map((deviation) => deviation + way.lp));
    if (!model.survival) return { probability: interval(ways, mix, (_, number) => moved[number].map(probability)) };
    const at = (month) => {
      if (month === 0) return [1, 1];
      const hazard = Math.log(cumulativeHazard(month)), ratio = ratioAt(month);
      return interval(ways, mix, (_, number) => moved[number].map((lp, i) =>
        Math.exp(-Math.exp(Math.min(hazard + (ratio ? ratio[i] : 0) + lp, 700)))));
    };
    return { horizons: model.survival.horizons.map(at), at };
  }

  // ---- drawing -------------------------------------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";

  function add(parent, name, attributes, text) {
    const child = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) child.setAttribute(key, value);
    if (text !== undefined) child.textContent = text;
    parent.append(child);
    return child;
  }

  function cleared(id, height) {
    const svg = element(id), width = Math.max(280, svg.parentElement.clientWidth || 700);
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    return { svg, width };
  }

  function drawCurve(ways, known) {
    if (!model.survival) return;
    const height = 260, { svg, width } = cleared("curve", height);
    const months = model.survival.curve, end = months[months.length - 1];
    const x = (month) => 48 + (width - 68) * month / end, y = (share) => 12 + (height - 56) * (1 - share);
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      add(svg, "line", { x1: x(0), x2: x(end), y1: y(share), y2: y(share), class: "grid" });
      add(svg, "text", { x: x(0) - 6, y: y(share) + 4, "text-anchor": "end" }, `${100 * share} %`);
    }
    const step = end > 72 ? 24 : end > 18 ? 12 : 3;
    for (let month = 0; month <= end; month += step) {
      add(svg, "text", { x: x(month), y: height - 26, "text-anchor": "middle" }, String(month));
    }
    add(svg, "text", { x: (x(0) + x(end)) / 2, y: height - 6, "text-anchor": "middle" }, model.timeAxis);
    const path = (shares) => months.map((month, i) => (i === 0 ? "M" : model.survival.step ? `H${x(month)}V` : "L")
      + (i > 0 && model.survival.step ? y(shares[i]) : `${x(month)},${y(shares[i])}`)).join("");
    if (known) {
      const ends = months.map(known.at);
      const [lower, upper] = [0, 1].map((side) => steps(months.map((month, i) => [x(month), y(ends[i][side])])));
      const corners = [...upper, ...lower.reverse()].map((point) => point.join(","));
      add(svg, "polygon", { points: corners.join(" "), class: "band" });
    }
    if (ways.length > 1) {
      for (const way of ways) {
        const shares = months.map((month) => survivalAt([{ ...way, share: 1 }], month));
        add(svg, "path", { d: path(shares), class: "alternative" });
        const at = months.findIndex((month) => month >= end * 0.55);
        add(svg, "text", { x: x(months[at]), y: y(shares[at]) - 7, "text-anchor": "middle" }, way.label.split(": ").pop());
      }
    }
    const shares = months.map((month) => survivalAt(ways, month));
    add(svg, "path", { d: path(shares), class: "line" });
    for (const month of model.survival.horizons) add(svg, "circle", { cx: x(month), cy: y(survivalAt(ways, month)), r: 4, class: "dot" });
    const read = model.survival.horizons.map((month) => `${percentNumber(survivalAt(ways, month))} % at ${month} months`);
    svg.setAttribute("aria-label", `${model.outcome}: ${read.join(", ")}`);
  }

  function steps(points) {
    if (!model.survival.step) return points;
    return points.flatMap((point, i) => (i === 0 ? [point] : [[point[0], points[i - 1][1]], point]));
  }

  /* Labels of one axis on as many rows as keep them apart; each keeps a line to its tick. */
  function place(labels, left, right) {
    const ends = [];
    return labels.map((label) => {
      const half = 3.4 * label.text.length + 5;
      const centre = Math.min(Math.max(label.at, left + half), right - half);
      let row = ends.findIndex((end) => end <= centre - half);
      if (row < 0) row = ends.push(0) - 1;
      ends[row] = centre + half;
      return { ...label, centre, row };
    });
  }

  function drawAxis(svg, top, title, ticks, span, width, narrow, isText) {
    const [left, right] = span;
    wrapped(title, Math.floor((narrow ? width - left : left - 16) / 7.8), narrow ? 1 : 2).forEach((line, index, lines) => add(svg, "text",
      narrow ? { x: left, y: top - 22, class: "title" }
        : { x: left - 16, y: top + 4 + 14 * (index - (lines.length - 1) / 2), "text-anchor": "end", class: "title" }, line));
    const from = Math.min(...ticks.map((tick) => tick.at)), to = Math.max(...ticks.map((tick) => tick.at));
    add(svg, "line", { x1: from, x2: to, y1: top, y2: top, class: "axis" });
    const ordered = [...ticks].sort((one, other) => one.at - other.at);
    let shown = place(ordered, narrow ? 2 : left - 10, width - 2);
    if (!isText) { // numbers that would stand in a second row are left to the eye
      shown = [];
      let end = -Infinity;
      for (const tick of ordered) {
        const half = 3.4 * tick.text.length + 4;
        if (tick.at - half >= end) { shown.push({ ...tick, centre: tick.at, row: 0 }); end = tick.at + half; }
      }
    }
    for (const tick of ordered) add(svg, "line", { x1: tick.at, x2: tick.at, y1: top, y2: top + 5, class: "axis" });
    for (const tick of shown) {
      const y = top + 18 + 14 * tick.row;
      if (tick.row > 0 || Math.abs(tick.centre - tick.at) > 1) {
        add(svg, "line", { x1: tick.at, x2: tick.centre, y1: top + 5, y2: y - 10, class: "leader" });
      }
      add(svg, "text", { x: tick.centre, y, "text-anchor": "middle" }, tick.text);
    }
    return Math.max(0, ...shown.map((tick) => tick.row));
  }

  function wrapped(text, width, most) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const line = `${lines[lines.length - 1]} ${word}`.trim();
      if (line.length <= width || !lines[lines.length - 1]) lines[lines.length - 1] = line;
      else lines.push(word);
    }
    return lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1].slice(0, width - 1)}…`];
  }

  function drawNomogram(values, total) {
    const { svg, width } = cleared("nomogram", 10), narrow = width < 620;
    const span = narrow ? [18, width - 18] : [190, width - 24];
    const toX = (points) => span[0] + (span[1] - span[0]) * points / model.points.most;
    const toTotal = (points) => span[0] + (span[1] - span[0]) * (points - model.points.total[0])
      / (model.points.total[model.points.total.length - 1] - model.points.total[0]);
    let top = narrow ? 34 : 20;
    const row = (title, ticks, isText = false) => {
      const at = top, rows = drawAxis(svg, at, title, ticks, span, width, narrow, isText);
      top += (narrow ? 62 : 46) + 14 * rows;
      return at;
    };
    const numbers = (list, place_) => list.map((value) => ({ at: place_(value), text: minus(String(value)) }));
    row("Points", numbers(model.points.ticks, toX));
    for (const term of terms) {
      const ticks = term.axis.map((tick) => ({ at: toX(tick.points), text: minus(tick.label), value: tick.value }));
      const at = row(term.title, ticks, Boolean(term.levels)), points = knownPoints(term, values);
      addTargets(svg, term, ticks, at);
      if (points !== null) mark(svg, toX(Math.min(Math.max(points, 0), model.points.most)), at, minus(points.toFixed(1)));
    }
    const [least, most] = [model.points.total[0], model.points.total[model.points.total.length - 1]];
    const x = total === null ? null : toTotal(Math.min(Math.max(total, least), most));
    const totals = row("Total points", numbers(model.points.total, toTotal));
    if (x !== null) mark(svg, x, totals, minus(total.toFixed(1)));
    for (const axis of model.outcomes) {
      const at = row(axis.title, axis.ticks.map((tick) => ({ at: toTotal(tick.points), text: `${Number((100 * tick.share).toPrecision(3))} %` })));
      if (x !== null) mark(svg, x, at, "");
    }
    const height = top - (narrow ? 20 : 8);
    svg.setAttribute("height", height);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  function addTargets(svg, term, ticks, at) {
    if (term.levels) {
      for (const tick of ticks) {
        const spot = add(svg, "circle", { cx: tick.at, cy: at, r: 12, class: "target" });
        spot.addEventListener("click", () => set(term, tick.value));
      }
    } else {
      const [from, to] = [ticks[0], ticks[ticks.length - 1]];
      const strip = add(svg, "rect", { x: Math.min(from.at, to.at) - 8, y: at - 12, height: 24,
        width: Math.abs(to.at - from.at) + 16, class: "target" });
      strip.addEventListener("pointerdown", (event) => drag(event, svg, term, from, to));
    }
  }

  /* Where the case stands on an axis, its number above it: a line to another axis would cross the labels between. */
  function mark(svg, x, y, text) {
    add(svg, "circle", { cx: x, cy: y, r: text ? 6 : 4.5, class: "handle" });
    add(svg, "text", { x, y: y - 9, "text-anchor": "middle", class: "mark" }, text);
  }

  function drag(event, svg, term, from, to) {
    const scale = svg.viewBox.baseVal.width / svg.getBoundingClientRect().width;
    const move = (moved) => {
      const x = (moved.clientX - svg.getBoundingClientRect().left) * scale;
      const share = Math.min(Math.max((x - from.at) / (to.at - from.at), 0), 1);
      const value = from.value + share * (to.value - from.value);
      const kept = Math.min(Math.max(value, term.low ?? value), term.high ?? value);
      set(term, Number((Math.round(kept / term.step) * term.step).toFixed(6)));
    };
    const stop = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", stop);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", stop);
    event.preventDefault();
    move(event);
  }

  // ---- start ---------------------------------------------------------------------------------------------------

  /* A case can be linked to: page.html#score=0.25&n_stage=N1 */
  function readAddress() {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const term = terms.find((item) => item.name === name);
      if (!term) continue;
      if (!term.levels) element(`number-${term.index}`).value = value;
      else for (const item of document.getElementsByName(name)) item.checked = item.value === value;
    }
  }

  for (const term of terms.filter((item) => !item.levels)) {
    element(`range-${term.index}`).addEventListener("input", (event) => {
      element(`number-${term.index}`).value = event.target.value;
      show();
    });
  }
  element("case").addEventListener("input", show);
  element("case").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("resize", show);
  window.addEventListener("beforeprint", show);
  window.addEventListener("hashchange", () => { readAddress(); show(); });
  readAddress();
  show();
})();
