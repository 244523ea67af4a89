import Evaluation
import Foundation
import Testing

@Suite struct NodeTimesTests {
  /// A trace with these durations in microseconds.
  private func profile(_ nodes: [(name: String, op: String, durations: [Int])]) throws -> OnnxProfile {
    let events = nodes.flatMap { node in
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
    let trace = try profile([("a", "Relu", [1000, 10, 12, 8, 10, 500])])
    let times = NodeTimes(trace, runs: 6, warmUps: 1)
    #expect(times.rows.map(\.name) == ["a"] && abs(times.seconds - 10e-6) < 1e-12)
  }

  @Test func turnsOfALoopAddUp() throws {
    let trace = try profile([("a", "Add", [1, 2, 3, 1, 2, 3])])
    #expect(abs(NodeTimes(trace, runs: 2, warmUps: 0).seconds - 6e-6) < 1e-12)
    #expect(
      abs(NodeTimes(trace, runs: 4, warmUps: 1).seconds - 3e-6) < 1e-12, "turns that differ have a mean")
  }

  @Test func operatorsAndBlocksAddUpTheirNodes() throws {
    let trace = try profile([
      ("/body/0/conv/Conv", "Conv", [5]), ("/body/0/Add", "Add", [1]), ("/body/1/conv/Conv", "Conv", [3]),
      ("last", "Add", [1]),
    ])
    let times = NodeTimes(trace, runs: 1, warmUps: 3)
    #expect(times.byOperator().map(\.name) == ["Conv", "Add"] && times.byOperator().map(\.nodes) == [2, 2])
    #expect(times.byBlock(depth: 2).map(\.name) == ["/body/0", "/body/1", ""])
    #expect(times.byBlock(depth: 1).map(\.nodes) == [3, 1])
  }

  @Test func aTraceThatIsNoneIsTold() {
    #expect(throws: RuntimeError.self) { try OnnxProfile(path: "/nowhere/trace.json") }
  }
}
