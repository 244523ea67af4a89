import Foundation
import GraphIR
import ONNXFormat
import TensorCore

/// The models that are measured, made where they are needed: none is worth keeping.
enum ModelFiles {
  static let command = "write-model"

  /// In a process of its own: a child's peak counts the memory that its parent had when it was started.
  static func writeInChild(_ name: String, to path: String) throws {
    let child = try ChildProcess(CommandLine.arguments[0], [command, name, path])
    guard child.status == 0 else { throw ModelError("cannot make the model '\(name)'", file: path) }
  }

  /// `name` is `perceptron`, `convolutions`, `large`, or the number of nodes of a chain of transformer blocks,
  /// with `-shared` behind it if they share their constants.
  static func write(_ name: String, to path: String) throws {
    switch name {
    case "perceptron": try ONNXFormat.write(RewritingCost.perceptron(), to: path, overwriting: true)
    case "convolutions": try ONNXFormat.write(RewritingCost.convolutions(), to: path, overwriting: true)
    case "large": try writeLarge(to: path)
    default:
      let parts = name.split(separator: "-")
      guard let count = parts.first.flatMap({ Int($0) }) else {
        throw ModelError("there is no model '\(name)'")
      }
      let model = try TransformerChain.model(nodeCount: count, sharesConstants: parts.last == "shared")
      try ONNXFormat.write(model, to: path, overwriting: true)
    }
  }

  /// Twenty blocks of width 2048, 4.0 GB of weights in `path` + `.data`.
  private static func writeLarge(to path: String) throws {
    let data = path + ".data"
    let model = try TransformerChain.model(blocks: 20, width: 2048, heads: 16) { sizes in
      try writeNumbers(to: data, count: sizes.reduce(0) { $0 + $1.reduce(1, *) })
      let file = try MappedFile(path: data)
      var position = 0
      return try sizes.map { sizes in
        let range = position..<position + sizes.reduce(4, *)
        position = range.upperBound
        guard let storage = TensorStorage(file, range: range) else {
          throw ModelError("there are not enough numbers", file: data)
        }
        return try Tensor(.float32, sizes, storage: storage)
      }
    }
    let folder = URL(filePath: path).deletingLastPathComponent().path
    let bytes = try ONNXFormat.encodeSkeleton(model, folder: folder)
    let file = try AtomicFile(path: path, overwriting: true)
    try file.write(bytes)
    try file.commit()
  }

  /// A run of numbers again and again; its length has no factor in common with a tensor's, so that no two
  /// tensors are equal.
  private static func writeNumbers(to path: String, count: Int) throws {
    let run = try Tensor.distinctNumbers([(1 << 22) + 1], seed: 1)
    let file = try AtomicFile(path: path, overwriting: true)
    var rest = count * 4
    try run.withUnsafeBytes { bytes in
      while rest > 0 {
        let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(rest))
        try file.write(part)
        rest -= part.count
      }
    }
    try file.commit()
  }
}
