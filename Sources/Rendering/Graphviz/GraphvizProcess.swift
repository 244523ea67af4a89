import Processes

/// Graphviz in a process of its own: where it crashes or takes too long, only that process ends.
struct GraphvizProcess: Sendable {
  var command = ProcessCommand.workbench("layout")
  /// Layouts take some seconds; `LayoutLimits` sees to that.
  var secondsLimit = Self.secondsLimit

  static let secondsLimit = 120.0
  /// A bitmap may have 30,000 pixels a side, of four bytes each.
  static let memoryLimit = 4 << 30

  struct Rendering: Hashable, Sendable {
    var bytes: [UInt8]
    /// What Graphviz complained about.
    var messages: String
  }

  func render(_ dot: String, as format: PictureFormat) throws(GraphvizError) -> Rendering {
    var command = command
    command.arguments += ["--format", format.rawValue]
    let (process, picture, log) = try start(command, reading: dot)
    guard let end = process.end(within: secondsLimit) else {
      throw GraphvizError.timedOut(seconds: secondsLimit)
    }
    switch end {
    case .exited(status: 0): return Rendering(bytes: try Self.contents(of: picture), messages: log.tail())
    case .exited(let status): throw GraphvizError.failed(status: status, messages: log.tail())
    case .killed(let signal): throw GraphvizError.crashed(signal: signal, messages: log.tail())
    }
  }

  private func start(_ command: ProcessCommand, reading dot: String) throws(GraphvizError) -> (
    process: ChildProcess, picture: NamelessFile, log: NamelessFile
  ) {
    do {
      let (graph, picture, log) = (try NamelessFile(dot), try NamelessFile(), try NamelessFile())
      let process = try ChildProcess(
        command, descriptors: [(graph.descriptor, 0), (picture.descriptor, 1), (log.descriptor, 2)])
      return (process, picture, log)
    } catch {
      throw GraphvizError.notStarted("\(error)")
    }
  }

  private static func contents(of picture: NamelessFile) throws(GraphvizError) -> [UInt8] {
    do { return try picture.contents() } catch { throw GraphvizError.notStarted("\(error)") }
  }
}
