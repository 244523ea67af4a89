import Dispatch
import Synchronization

/// A picture as Graphviz could draw it.
public struct DrawnPicture: Sendable {
  /// What is drawn.
  public var picture: GraphPicture
  /// Of a file in the format that was asked for.
  public var bytes: [UInt8]
  /// Why boxes are left out; nil where none is.
  public var failure: GraphvizError?
}

extension GraphPicture {
  /// The bytes of a file of this format; `drawn(as:)` tells whether boxes are left out.
  /// - Throws: `GraphvizError`.
  public func render(as format: PictureFormat) throws(GraphvizError) -> [UInt8] {
    try drawn(as: format).bytes
  }

  /// Graphviz fails on some pictures with boxes in boxes: they are drawn without those of modules, then without almost
  /// any, and say so.
  /// - Throws: `GraphvizError`, the first where there are several.
  public func drawn(as format: PictureFormat) throws(GraphvizError) -> DrawnPicture {
    try drawn(as: format, by: GraphvizProcess())
  }

  /// Several at once, as many as there are processors.
  public static func drawn(_ pictures: [GraphPicture], as format: PictureFormat) -> [Result<
    DrawnPicture, GraphvizError
  >] {
    let results = Mutex<[Int: Result<DrawnPicture, GraphvizError>]>([:])
    DispatchQueue.concurrentPerform(iterations: pictures.count) { index in
      let result = Result { () throws(GraphvizError) in try pictures[index].drawn(as: format) }
      results.withLock { $0[index] = result }
    }
    return results.withLock { results in pictures.indices.compactMap { results[$0] } }
  }

  func drawn(as format: PictureFormat, by process: GraphvizProcess) throws(GraphvizError) -> DrawnPicture {
    guard format != .dot else { return DrawnPicture(picture: self, bytes: Array(dot.utf8)) }
    do {
      return DrawnPicture(picture: self, bytes: try process.render(dot, as: format).bytes)
    } catch {
      if case .notStarted = error { throw error }
      for picture in plainer {
        guard let bytes = try? process.render(picture.dot, as: format).bytes else { continue }
        return DrawnPicture(picture: picture, bytes: bytes, failure: error)
      }
      throw error
    }
  }
}
