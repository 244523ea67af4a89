extension SearchReport {
  /// What came of it.
  var verdict: String {
    if planFailed {
      return "The plan was not confirmed on the held-back samples; optimized.onnx is the exact model."
    }
    guard !applied.isEmpty else {
      return "Nothing could be gained within the budget; optimized.onnx is the exact model."
    }
    let steps = applied.count == 1 ? "1 step was" : "\(applied.count) steps were"
    return "\(steps) taken, and the result is within the budget on samples that no choice saw."
  }

  /// The loss with its interval, and the budget.
  var lossSentence: String {
    "\(metric.name) is \(lossText) on \(samples.holdout) held-back samples; the budget is "
      + "\(fixed(budget.limit)) \(budget.kind)."
  }

  /// As in `worse by 0.0040 (95 % interval -0.0010 to 0.0090)`.
  public var lossText: String {
    let interval = "\(fixed(loss.lower)) to \(fixed(loss.upper))"
    return loss.value < 0
      ? "better by \(fixed(-loss.value)) (95 % interval of the loss \(interval))"
      : "worse by \(fixed(loss.value)) (95 % interval \(interval))"
  }

  /// How sure the verdict is.
  var certaintySentence: String {
    guard let look = confirmation.looks.last, look.isAccepted, let bound = look.upperBound else {
      return "The exact model keeps results but for rounding: no held-back sample was needed to accept it."
    }
    let level = fixed((budget.confidence ?? 0.95) * 100, digits: 1)
    let asked =
      budget.confidence == nil
      ? "No confidence was asked for (--confidence), so that the estimate decided."
      : "The plan was accepted because the bound is within the budget."
    let approximate =
      confirmation.method == "bootstrap" ? " Both levels are approximate: these scores have no range." : ""
    let certainty = confirmation.certainty ?? 0
    let within =
      certainty < 0.5
      ? "that it is within the budget is an estimate, which few samples could turn over"
      : "that it is within the budget holds at \(fixed(certainty * 100, digits: 1)) %"
    return "At \(level) % confidence, over all looks, the true loss is below \(fixed(bound)); \(within). "
      + asked + approximate
  }

  /// Where inputs were drawn; nil elsewhere.
  var syntheticSentence: String? {
    guard data.isSynthetic else { return nil }
    return
      "The verdict rests on synthetic inputs, drawn by the declared types. It says how far the outputs move, not "
      + "what that does to the task. Give data with --data eval.npz."
  }

  /// Those that cost least first; what was not measured comes last, by how far it moved the features.
  var regionsByEffect: [ScoredRegion] {
    regions.enumerated().sorted { a, b in
      let (first, second) = (a.element.metricChange ?? -.infinity, b.element.metricChange ?? -.infinity)
      if first != second { return first > second }
      let (near, far) = (a.element.distortion ?? .infinity, b.element.distortion ?? .infinity)
      return near != far ? near < far : a.offset < b.offset
    }.map(\.element)
  }

  /// What was known of a step before it was taken: how the change does alone.
  func evidence(for step: Applied) -> ScoredRegion? {
    regions.first { $0.strategy == step.strategy && $0.title == step.title }
  }

  /// Why the step could be taken, and no bolder one.
  func reason(forStep index: Int, among plans: ParetoReport) -> String {
    let step = applied[index]
    let together = "In the plan, it changes \(metric.name) by \(signed(step.metricChange))."
    let bound = plans.refusal(beyond: index, of: applied).flatMap { point in
      point.steps.last.map { " Bolder was refused: \($0.title) lost \(fixed(point.loss)) in all." }
    }
    return alone(step) + together + (bound ?? "")
  }

  /// Empty where the step was not tried by itself.
  private func alone(_ step: Applied) -> String {
    guard let alone = evidence(for: step), let change = alone.metricChange else { return "" }
    let bare = alone.metricChangeBare.flatMap {
      signed($0) == signed(change) ? nil : " (\(signed($0)) before the last layer was refitted)"
    }
    let moved =
      alone.distortion.map {
        " It moved what the last linear layer gives by \(fixed($0 * 100, digits: 1)) % of its variance."
      } ?? ""
    return
      "Alone, it changed \(metric.name) by \(signed(change))\(bare ?? "") on \(alone.samples) samples.\(moved) "
  }
}
