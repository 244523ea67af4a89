import GraphIR
import TensorCore

// Operators whose parameters moved in a way that their schemas do not tell.

extension OpsetAdapters {
  static let parameters: [Adapter] = [
    Adapter(["Cast"], 6) { upgrade, _ in
      guard let name = try upgrade.value("to")?.string else { return }
      let type = try upgrade.unwrap(ElementType(named: name.lowercased()), "there is no type \(name)")
      upgrade.set("to", to: .init(Int(type.rawValue)))
    },
    Adapter(["Clip"], 6) { upgrade, _ in
      // What was left out was no bound; it becomes one.
      if upgrade.given("min") == nil { upgrade.set("min", to: .init(.float(-.infinity))) }
      if upgrade.given("max") == nil { upgrade.set("max", to: .init(.float(.infinity))) }
    },
    Adapter(["Clip"], 11, moveBounds),
    Adapter(["Concat"], 4) { upgrade, _ in
      if upgrade.given("axis") == nil { upgrade.set("axis", to: 1) }
    },
    Adapter(["DFT"], 20) { upgrade, rewriter in
      if upgrade.given("axis") == nil { upgrade.set("axis", to: 1) }
      try upgrade.move("axis", toInput: 2, with: &rewriter)
    },
    Adapter(["OneHot"], 11, requirePositiveIndices),
    Adapter(["Pad"], 2) { upgrade, _ in upgrade.rename("paddings", to: "pads") },
    Adapter(["Pad"], 11, movePadding),
    Adapter(["Reshape"], 5) { upgrade, _ in
      try upgrade.require(upgrade.given("shape") != nil, "the new shape is missing")
    },
    Adapter(["Scatter"], 11) { upgrade, _ in upgrade.op = OperatorName("ScatterElements") },
    Adapter(["Split"], 2) { upgrade, rewriter in
      guard upgrade.input(1) != nil else { return }
      let sizes = try upgrade.unwrap(upgrade.constant(1, in: rewriter.model), "the sizes are computed")
      upgrade.set("split", to: .init(try sizes.integers()))
      upgrade.inputs.removeLast()
    },
    Adapter(["Split"], 18) { upgrade, rewriter in
      guard upgrade.input(1) == nil else { return }
      upgrade.set("num_outputs", to: .init(rewriter.model.outputCount(of: upgrade.node)))
    },
    Adapter(["Tile"], 6, moveTiles),
    Adapter(["TopK"], 10) { upgrade, rewriter in
      upgrade.rename("k", to: "K")
      try upgrade.move("K", toInput: 1, asVector: true, with: &rewriter)
    },
  ]

  /// Bounds take the input's type. Version 6 has those of `float` for bounds that are left out, version 11 those
  /// of the input's type.
  private static func moveBounds(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    let type = try upgrade.elementType(0, in: rewriter.model)
    for (index, name) in ["min", "max"].enumerated() {
      if upgrade.given(name) == nil, type == .float32 { continue }
      let bound = try upgrade.unwrap(upgrade.value(name)?.float, "'\(name)' is no number")
      upgrade.remove(name)
      let tensor = try Tensor(type, rounding: [Double(bound)], [])
      upgrade.setInput(index + 1, to: upgrade.add(tensor, with: &rewriter))
    }
  }

  /// Version 9 had no index below 0; from 11 on those count from the end.
  private static func requirePositiveIndices(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws
  {
    let model = rewriter.model
    guard let indices = upgrade.input(0) else { return }
    if let type = model.elementType(of: indices), type.isInteger, !type.isSignedInteger { return }
    if let tensor = model.constant(indices) {
      return try upgrade.require(tensor.doubles().allSatisfy { $0 >= 0 }, "an index is below 0")
    }
    let producer = model.producer(of: indices).map { model.operatorName(of: $0) }
    let neverNegative = ["ArgMax", "ArgMin", "NonZero", "Shape", "Size"].map { OperatorName($0) }
    try upgrade.require(
      producer.map(neverNegative.contains) ?? false,
      "indices below 0 are no error, and from 11 on count from the end")
  }

  private static func movePadding(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    try upgrade.move("pads", toInput: 1, with: &rewriter)
    let number = try upgrade.value("value")?.float ?? 0
    upgrade.remove("value")
    guard number.bitPattern != 0 else { return }
    let type = try upgrade.elementType(0, in: rewriter.model)
    let tensor = try Tensor(type, rounding: [Double(number)], [])
    upgrade.setInput(2, to: upgrade.add(tensor, with: &rewriter))
  }

  /// One axis was repeated; from 6 on there is a number for each.
  private static func moveTiles(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    let rank = try upgrade.shape(0, in: rewriter.model).rank
    let tiles = upgrade.constant(1, in: rewriter.model)?.scalarValue
    let axis = upgrade.constant(2, in: rewriter.model)?.scalarValue
    guard let tiles, let axis, let place = Int(exactly: axis), (0..<rank).contains(place),
      let times = Int(exactly: tiles)
    else { throw UpgradeRefusal("tiles or axis are computed, or do not fit") }
    var repeats = [Int](repeating: 1, count: rank)
    repeats[place] = times
    upgrade.inputs = [upgrade.inputs[0], upgrade.add(try Tensor(int64: repeats), with: &rewriter)]
  }
}
