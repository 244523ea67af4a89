import CGraphviz

/// Graphviz in a process that is there for one graph: the library keeps global state, and nothing is freed, since `dot`
/// 2.43 frees edges twice where boxes lie in boxes. It recurses as deep as a graph is, so it runs on a thread with a
/// large stack.
enum GraphvizContext {
  private static let stackSize = 64 << 20
  /// In pixels a side; Graphviz scales down what is larger, and says so on standard error.
  private static let bitmapLimit = 30_000.0

  /// What Graphviz has to say goes to standard error.
  /// - Throws: `GraphvizStep` that failed.
  static func render(_ dot: String, as format: PictureFormat) throws -> [UInt8] {
    try withLargeStack(stackSize) { try layOutAndRender(dot, as: format) }
  }

  private static func layOutAndRender(_ dot: String, as format: PictureFormat) throws -> [UInt8] {
    guard let context = gvContext() else { throw GraphvizStep.start }
    let reader = GraphReader(dot)
    guard let graph = reader.read() else { throw GraphvizStep.read }
    defer { withExtendedLifetime(reader) {} }
    guard gvLayout(context, graph, "dot") == 0 else { throw GraphvizStep.layOut }
    if format == .png { wb_limit_bitmap(graph, bitmapLimit) }
    return try renderData { gvRenderData(context, graph, format.rawValue, $0, $1) }
  }

  /// The type of the length differs between versions of Graphviz.
  private static func renderData<Length: BinaryInteger>(
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, UnsafeMutablePointer<Length>) -> Int32
  ) throws -> [UInt8] {
    var data: UnsafeMutablePointer<CChar>?
    var length: Length = 0
    guard call(&data, &length) == 0, let data else { throw GraphvizStep.render }
    return [UInt8](UnsafeRawBufferPointer(start: data, count: Int(length)))
  }
}

/// What a process for one picture does. The raw value is its exit status where that failed.
enum GraphvizStep: Int32, Error, CaseIterable {
  case start = 3
  case read
  case layOut
  case render
  case write

  var failure: String {
    switch self {
    case .start: "could not be started"
    case .read: "could not read the graph"
    case .layOut: "could not lay out the graph"
    case .render: "could not render the graph"
    case .write: "has no place to write the picture to"
    }
  }
}
