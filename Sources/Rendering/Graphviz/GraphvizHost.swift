import Foundation
import Processes

/// The other side of `GraphvizProcess`: what the hidden command `workbench layout` runs.
public enum GraphvizHost {
  /// Reads DOT from standard input, writes the picture to standard output, and ends with the status 0, or that of the
  /// step that failed. What Graphviz has to say goes to standard error.
  public static func run(as format: PictureFormat) -> Never {
    ProcessLimits.discourageCores()
    ProcessLimits.setMemory(byteCount: GraphvizProcess.memoryLimit)
    ProcessLimits.setProcessorTime(seconds: Int(GraphvizProcess.secondsLimit))
    do {
      let dot = String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
      GraphvizFault(ProcessInfo.processInfo.environment[GraphvizFault.variable])?.occur(at: dot)
      let picture = try GraphvizContext.render(dot, as: format)
      guard (try? FileHandle.standardOutput.write(contentsOf: picture)) != nil else {
        throw GraphvizStep.write
      }
      exit(0)
    } catch let step as GraphvizStep {
      exit(step.rawValue)
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit(GraphvizStep.start.rawValue)
    }
  }
}

/// A planned failure of a process for a picture, for tests: `crash`, `hang` or `exit`, at every graph or, as in
/// `crash-at:subgraph`, at those whose DOT contains a text.
struct GraphvizFault {
  private enum Action: String { case crash, hang, exit }

  private let action: Action
  private let text: String

  static let variable = "WORKBENCH_LAYOUT_FAULT"

  init?(_ description: String?) {
    let parts = description?.split(separator: "-at:", maxSplits: 1) ?? []
    guard let action = parts.first.flatMap({ Action(rawValue: String($0)) }) else { return nil }
    self.action = action
    text = parts.count > 1 ? String(parts[1]) : ""
  }

  func occur(at dot: String) {
    guard text.isEmpty || dot.contains(text) else { return }
    switch action {
    case .crash:
      signal(SIGSEGV, SIG_DFL)
      raise(SIGSEGV)
    case .hang: while true { sleep(1000) }
    case .exit: exit(GraphvizStep.layOut.rawValue)
    }
  }
}
