import Foundation

/// What ONNX Runtime's trace of a profiled session says of its nodes.
public struct OnnxProfile: Hashable, Sendable {
  public struct Node: Hashable, Sendable {
    public var name: String
    public var op: String
    /// Seconds of each run, in order; the trace has them in microseconds.
    public var durations: [Double] = []

  }

  /// In the order in which they first ran.
  public private(set) var nodes: [Node] = []
  /// Runs of the session; a node in a loop has more.
  public private(set) var runs = 0

  /// Reads the trace that a session made with a `profilePrefix` has written.
  public init(path: String) throws {
    let events: [Event]
    do {
      events = try JSONDecoder().decode([Event].self, from: Data(contentsOf: URL(filePath: path)))
    } catch {
      throw RuntimeError("cannot read the trace: \(error.localizedDescription)", model: path)
    }
    var places: [String: Int] = [:]
    runs = events.count { $0.cat == "Session" && $0.name == "model_run" }
    for event in events where event.cat == "Node" && event.name.hasSuffix(Self.suffix) {
      let name = String(event.name.dropLast(Self.suffix.count))
      let place = places[name] ?? nodes.count
      if place == nodes.count {
        places[name] = place
        nodes.append(Node(name: name, op: event.args?.op_name ?? ""))
      }
      nodes[place].durations.append(Double(max(event.dur ?? 0, 0)) / 1e6)
    }
  }

  private static let suffix = "_kernel_time"

  private struct Event: Decodable {
    var cat: String
    var name: String
    /// Microseconds.
    var dur: Int?
    var args: Arguments?
  }

  private struct Arguments: Decodable {
    var op_name: String?
  }
}
