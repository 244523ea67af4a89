import Dispatch

/// How often to run what is compared.
public struct LatencyPlan: Codable, Hashable, Sendable {
  /// Rounds before the measured ones.
  public var warmUps: Int
  /// Measured rounds; in each, every session runs once.
  public var repetitions: Int
  /// No round starts later than this after the first, measured ones at least three.
  public var secondsLimit: Double

  public init(warmUps: Int = 3, repetitions: Int = 50, secondsLimit: Double = 10) {
    self.warmUps = warmUps
    self.repetitions = repetitions
    self.secondsLimit = secondsLimit
  }

  /// Runs all of `runs` once in each round, in turn forwards and backwards, so that drift of the machine
  /// (heat, other load) meets all alike.
  /// - Returns: for each run, nanoseconds of each measured round; and of all runs, warm-ups included.
  func measure(_ runs: [any PreparedRun]) throws -> (timings: [[UInt64]], total: UInt64) {
    var timings = [[UInt64]](repeating: [], count: runs.count)
    var total: UInt64 = 0
    let start = DispatchTime.now().uptimeNanoseconds
    let warmUps = min(max(0, warmUps), 1 << 20)
    for round in 0..<warmUps + min(max(1, repetitions), 1 << 30) {
      let measured = round - warmUps
      let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      if elapsed > secondsLimit, measured >= 3 { break }
      let order = round % 2 == 0 ? Array(runs.indices) : runs.indices.reversed()
      for index in order {
        let nanoseconds = try runs[index].execute()
        total += nanoseconds
        if measured >= 0 { timings[index].append(nanoseconds) }
      }
    }
    return (timings, total)
  }
}
