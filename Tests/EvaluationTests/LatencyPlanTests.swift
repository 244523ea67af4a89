import Dispatch
import Foundation
import Testing

@testable import Evaluation

@Suite struct LatencyPlanTests {
  /// Works for `work` nanoseconds, and then waits for `wait` in those of its runs for which `waits` holds.
  private final class Run: PreparedRun {
    let work: UInt64
    let wait: Double
    let waits: (Int) -> Bool
    private(set) var count = 0

    init(work: UInt64, wait: Double, waits: @escaping (Int) -> Bool) {
      (self.work, self.wait, self.waits) = (work, wait, waits)
    }

    func execute() throws -> UInt64 {
      let start = DispatchTime.now().uptimeNanoseconds
      let end = Self.worked() + work
      while Self.worked() < end {}
      if waits(count) { Thread.sleep(forTimeInterval: wait) }
      count += 1
      return DispatchTime.now().uptimeNanoseconds - start
    }

    func results() throws -> [OutputValue] { [] }

    /// Other tests run on other threads.
    static func worked() -> UInt64 { clockTime(CLOCK_THREAD_CPUTIME_ID) }
  }

  private func timings(_ repetitions: Int, waits: @escaping (Int) -> Bool) throws -> [[UInt64]] {
    let run = Run(work: 2_000_000, wait: 0.02, waits: waits)
    return try LatencyPlan(warmUps: 0, repetitions: repetitions).measure([run], processorTime: Run.worked)
      .timings
  }

  @Test func roundsThatWaitedDoNotCount() throws {
    let rounds = try timings(12) { $0 % 3 == 1 }
    #expect(rounds[0].count <= 12 && rounds[0].allSatisfy { $0 < 20_000_000 })
  }

  @Test func whereAllWaitProcessorTimeCounts() throws {
    let rounds = try timings(6) { _ in true }
    #expect(rounds[0].count == 6 && rounds[0].allSatisfy { $0 >= 2_000_000 && $0 < 20_000_000 })
  }
}
