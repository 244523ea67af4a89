import Evaluation
import Foundation
import Testing

@Suite struct NodeTimesTests {
  /// A trace with these durations in microseconds.
  private func profile(
    runs: Int, _ nodes: [(name: String, op: String, durations: [Int])]
  ) throws -> OnnxProfile {
    let run = #"{"cat": "Session", "name": "model_run", "dur": 9}"#
    let events =
      [String](repeating: run, count: runs)
      + nodes.flatMap { node in
        node.durations.map {
          #"{"cat": "Node", "name": "\#(node.name)_kernel_time", "dur": \#($0), "args": {"op_name": "\#(node.op)"}}"#
        }
      }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
    try Data("[\(events.joined(separator: ",\n"))]".utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    return try OnnxProfile(path: path.path)
  }

  @Test func warmUpsAndTheSlowestFifthDoNotCount() throws {
    let trace = try profile(runs: 6, [("a", "Relu", [1000, 10, 12, 8, 10, 500])])
    let times = NodeTimes(trace, warmUps: 1)
    #expect(times.rows.map(\.name) == ["a"] && abs(times.seconds - 10e-6) < 1e-12)
  }

  @Test func turnsOfALoopAddUp() throws {
    func seconds(runs: Int) throws -> Double {
      NodeTimes(try profile(runs: runs, [("a", "Add", [1, 2, 3, 1, 2, 3])]), warmUps: 0).seconds
    }
    #expect(abs(try seconds(runs: 2) - 6e-6) < 1e-12)
    #expect(abs(try seconds(runs: 4) - 3e-6) < 1e-12, "turns that differ from run to run have a mean")
  }

  @Test func operatorsAndBlocksAddUpTheirNodes() throws {
    let trace = try profile(
      runs: 1,
      [
        ("/body/0/conv/Conv", "Conv", [5]), ("/body/0/Add", "Add", [1]), ("/body/1/conv/Conv", "Conv", [3]),
        ("last", "Add", [1]),
      ])
    let times = NodeTimes(trace, warmUps: 3)
    #expect(times.byOperator().map(\.name) == ["Conv", "Add"] && times.byOperator().map(\.nodes) == [2, 2])
    #expect(times.byBlock(depth: 2).map(\.name) == ["/body/0", "/body/1", ""])
    #expect(times.byBlock(depth: 1).map(\.nodes) == [3, 1])
  }

  @Test func aTraceThatIsNoneIsTold() {
    #expect(throws: RuntimeError.self) { try OnnxProfile(path: "/nowhere/trace.json") }
  }
}
