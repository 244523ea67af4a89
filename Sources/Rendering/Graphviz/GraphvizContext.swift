import CGraphviz
import Synchronization

/// Graphviz in this process. The library keeps global state, so its calls are made one at a time, whichever
/// threads ask; and `dot` recurses as deep as a graph is, so they are made on a thread with a large stack.
enum GraphvizContext {
  private static let stackSize = 64 << 20
  /// In pixels a side; Graphviz scales down what is larger, and says so on standard error.
  private static let bitmapLimit = 30_000.0
  private static let gate = Mutex<Void>(())
  private static let messages = Mutex<String>("")
  /// Made once, since it lists the plugins.
  private static let shared = Context()

  /// Only touched behind `gate`.
  private struct Context: @unchecked Sendable {
    let pointer = gvContext()
  }

  struct Rendering: Sendable {
    var bytes: [UInt8]
    /// What Graphviz would have printed to standard error.
    var messages: String
  }

  /// - Throws: `GraphvizError` with what Graphviz says.
  static func render(_ dot: String, as format: PictureFormat) throws -> Rendering {
    try gate.withLock { _ in
      try withLargeStack(stackSize) { try layOutAndRender(dot, as: format) }
    }
  }

  private static func layOutAndRender(_ dot: String, as format: PictureFormat) throws -> Rendering {
    messages.withLock { $0 = "" }
    let previous = agseterrf { text in
      if let text { GraphvizContext.note(String(cString: text)) }
      return 0
    }
    defer { agseterrf(previous) }
    guard let context = shared.pointer else { throw GraphvizError("Graphviz could not be started") }
    let reader = GraphReader(dot)
    guard let graph = reader.read() else { throw failure("could not read the graph") }
    defer { withExtendedLifetime(reader) { _ = agclose(graph) } }
    guard gvLayout(context, graph, "dot") == 0 else { throw failure("could not lay out the graph") }
    defer { gvFreeLayout(context, graph) }
    if format == .png { wb_limit_bitmap(graph, bitmapLimit) }
    return Rendering(
      bytes: try renderData { gvRenderData(context, graph, format.rawValue, $0, $1) },
      messages: messages.withLock { $0 })
  }

  /// The type of the length differs between versions of Graphviz.
  private static func renderData<Length: BinaryInteger>(
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, UnsafeMutablePointer<Length>) -> Int32
  ) throws -> [UInt8] {
    var data: UnsafeMutablePointer<CChar>?
    var length: Length = 0
    guard call(&data, &length) == 0, let data else { throw failure("could not render the graph") }
    defer { gvFreeRenderData(data) }
    return [UInt8](UnsafeRawBufferPointer(start: data, count: Int(length)))
  }

  // MARK: Messages

  private static let messageLimit = 2_000

  private static func note(_ text: String) {
    messages.withLock { if $0.utf8.count < messageLimit { $0 += text } }
  }

  private static func failure(_ what: String) -> GraphvizError {
    let said = messages.withLock { $0 }
    let reason = said.split(whereSeparator: \.isNewline).joined(separator: "; ")
    // Without its list of plugins the library knows no layouts and no formats.
    let lacksPlugins = said.contains("not recognized") || said.contains("No formats found")
    return GraphvizError(
      "Graphviz \(what)" + (reason.isEmpty ? "" : ": \(reason)")
        + (lacksPlugins ? "; register its plugins with 'dot -c' (as root)" : ""))
  }
}

/// What went wrong in Graphviz.
public struct GraphvizError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

extension GraphPicture {
  /// The bytes of a file of this format.
  /// - Throws: `GraphvizError`.
  public func render(as format: PictureFormat) throws -> [UInt8] {
    let dot = dot
    return format == .dot ? Array(dot.utf8) : try GraphvizContext.render(dot, as: format).bytes
  }
}
