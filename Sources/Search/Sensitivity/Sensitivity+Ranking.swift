import Candidates
import Evaluation

extension ChangeEffect {
  /// The share of the whole model that is saved.
  ///
  /// - Returns: nil where nothing is; of time, where chance could have made the difference.
  public func share(of gain: SensitivityGain, total: Saving) -> Double? {
    let share =
      switch gain {
      case .cost: saving.map { ($0.byteShare(of: total) + $0.macShare(of: total)) / 2 }
      case .latency: latency.flatMap(\.certainGain)
      case .bytes: saving?.byteShare(of: total)
      case .macs: saving?.macShare(of: total)
      }
    return share.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The drop of the metric for each whole model saved, 0 where it does not fall; nil where nothing is saved.
  public func dropPerGain(_ gain: SensitivityGain, total: Saving) -> Double? {
    guard let best, let share = share(of: gain, total: total) else { return nil }
    return max(best.loss, 0) / share
  }
}

extension Saving {
  fileprivate func byteShare(of total: Saving) -> Double { Double(bytes) / Double(max(total.bytes, 1)) }
  fileprivate func macShare(of total: Saving) -> Double { Double(macs) / Double(max(total.macs, 1)) }
}

extension LatencyComparison {
  /// The interval of a few rounds is too narrow; the sign test, which is exact, needs six at least.
  fileprivate var certainGain: Double? {
    upperBound < 1 && signTestProbability <= 0.05 ? 1 - ratio : nil
  }
}

extension Sensitivity {
  /// The least drop for what is gained first; among equals the least error power for it. What gains nothing comes
  /// behind, the least drop first, and what could not be measured last.
  static func ranked(
    _ effects: [ChangeEffect], by gain: SensitivityGain, total: Saving
  ) -> [ChangeEffect] {
    let keyed = effects.enumerated().map { index, effect in
      (effect: effect, key: key(of: effect, by: gain, total), index: index)
    }
    return keyed.sorted { a, b in
      for (first, second) in zip(a.key, b.key) where first != second { return first < second }
      return a.index < b.index
    }.map(\.effect)
  }

  private static func key(
    of effect: ChangeEffect, by gain: SensitivityGain, _ total: Saving
  ) -> [Double] {
    guard let best = effect.best else { return [2] }
    let error = SignalToNoise.errorShare(ofDecibels: best.decibels)
    guard let share = effect.share(of: gain, total: total) else { return [1, max(best.loss, 0), error] }
    return [0, max(best.loss, 0) / share, error / share]
  }
}
