import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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
  ///
  /// A round in which one of them had to wait for a processor says nothing, and does not count. Where hardly any is
  /// left, because others use the machine all the time, processor time counts instead.
  /// - Parameter processorTime: nanoseconds that the threads which run models have worked so far.
  /// - Returns: for each run, nanoseconds of each round that counts; and of all runs, warm-ups included.
  func measure(
    _ runs: [any PreparedRun], processorTime: () -> UInt64 = { clockTime(CLOCK_PROCESS_CPUTIME_ID) }
  ) throws -> (timings: [[UInt64]], total: UInt64) {
    var rounds: [[RunTime]] = []
    var total: UInt64 = 0
    let start = DispatchTime.now().uptimeNanoseconds
    let warmUps = min(max(0, warmUps), 1 << 20)
    for round in 0..<warmUps + min(max(1, repetitions), 1 << 30) {
      let measured = round - warmUps
      let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      if elapsed > secondsLimit, measured >= 3 { break }
      var times = [RunTime](repeating: RunTime(), count: runs.count)
      for index in round % 2 == 0 ? Array(runs.indices) : runs.indices.reversed() {
        times[index] = try RunTime(of: runs[index], processorTime)
        total += times[index].wall
      }
      if measured >= 0 { rounds.append(times) }
    }
    return (Self.timings(of: rounds, count: runs.count), total)
  }

  private static func timings(of rounds: [[RunTime]], count: Int) -> [[UInt64]] {
    let undisturbed = rounds.filter { !$0.contains(where: \.hasWaited) }
    let isQuiet = undisturbed.count >= max(3, rounds.count / 5)
    return (0..<count).map { run in
      isQuiet ? undisturbed.map { $0[run].wall } : rounds.map { max($0[run].processor, 1) }
    }
  }
}

/// What one run took, in nanoseconds.
private struct RunTime {
  /// By the clock, inside the engine.
  var wall: UInt64 = 0
  /// Of all threads together.
  var processor: UInt64 = 0

  init() {}

  init(of run: any PreparedRun, _ processorTime: () -> UInt64) throws {
    let before = processorTime()
    wall = try run.execute()
    processor = processorTime() &- before
  }

  /// Some thread of a run works at any time, so that a clock that shows more than the processors worked has waited.
  var hasWaited: Bool { Double(wall) > 1.1 * Double(processor) + 50_000 }
}

/// Nanoseconds.
func clockTime(_ clock: clockid_t) -> UInt64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
