import GraphIR
import TensorCore

extension SyntheticInputs {
  /// Inputs for `model`, within what it tells about them:
  /// - an integer that picks rows of a table (`Gather`) stays below the number of rows;
  /// - images have the range that the metadata `Image.NominalPixelRange` names (ONNX, `MetadataProps.md`).
  public init(seed: UInt64, samples: Int, model: Model) {
    self.init(seed: seed, samples: samples)
    let pixels = Self.pixelRange(of: model)
    for value in model.inputs(of: model.mainGraph) {
      guard let type = model.type(of: value)?.tensorType else { continue }
      let name = model.name(of: value)
      if type.elementType.isInteger, let rows = Self.tableRows(model, readBy: value) {
        ranges[name] = 0...Double(rows - 1)
      } else if let pixels, type.shape?.rank == 4 {
        ranges[name] = pixels
      }
    }
  }

  public func dataset(for model: Model) throws -> Dataset {
    try dataset(for: model.inputSignatures)
  }

  private static func pixelRange(of model: Model) -> ClosedRange<Double>? {
    let entry = model.header.annotations.metadata.first { $0.key == "Image.NominalPixelRange" }
    switch entry?.value {
    case "NominalRange_0_255": return 0...255
    case "Normalized_0_1": return 0...1
    case "Normalized_1_1": return -1...1
    case "NominalRange_16_235": return 16...235
    default: return nil
    }
  }

  /// The fewest rows of the tables that `value` picks from, through operators that keep it as it is.
  private static func tableRows(_ model: Model, readBy value: ValueID, depth: Int = 8) -> Int? {
    guard depth > 0 else { return nil }
    let rows = model.uses(of: value).compactMap { use -> Int? in
      guard !model.isTerminator(use.user) else { return nil }
      let name = model.operatorName(of: use.user)
      if name.isStandard, name.name == "Gather", use.index == 1 { return tableRows(model, gather: use.user) }
      guard name.isStandard, use.index == 0, transparent.contains(name.name),
        let output = model.output(0, of: use.user)
      else { return nil }
      return tableRows(model, readBy: output, depth: depth - 1)
    }
    return rows.min()
  }

  private static func tableRows(_ model: Model, gather node: NodeID) -> Int? {
    guard let shape = model.input(0, of: node).flatMap({ model.constant($0)?.dimensions }) else { return nil }
    var axis = 0
    if case .int(let given)? = model.attribute("axis", of: node) { axis = Int(given) }
    if axis < 0 { axis += shape.count }
    guard shape.indices.contains(axis), shape[axis] > 0 else { return nil }
    return shape[axis]
  }

  private static let transparent: Set<String> = [
    "Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Slice",
  ]
}
