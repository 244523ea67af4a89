import CommandLineKit
import Rendering

/// The other side of `GraphPicture.drawn`.
struct LayoutCommand: Command {
  static let name = "layout"
  static let abstract = "lay out a graph for another workbench process"
  static let isHidden = true

  @Option("--format", help: "of the picture") var format: PictureFormat

  func run(on terminal: Terminal) async throws -> ExitCode { GraphvizHost.run(as: format) }
}

extension PictureFormat: OptionValue {}
