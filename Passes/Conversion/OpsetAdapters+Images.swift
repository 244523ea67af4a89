import GraphIR
import TensorCore

// Resizing and sampling.

extension OpsetAdapters {
  static let images: [Adapter] = [
    Adapter(["GridSample"], 20) { upgrade, _ in
      let newNames = ["bilinear": "linear", "bicubic": "cubic"]
      let mode = try upgrade.unwrap(upgrade.value("mode")?.string, "the mode is unknown")
      upgrade.set("mode", to: .init(.string(.init(newNames[mode] ?? mode))))
    },
    Adapter(["Resize"], 11, sayWhereSamplesLie),
    Adapter(["Resize"], 13) { upgrade, _ in
      try upgrade.require(
        upgrade.value("coordinate_transformation_mode")?.string != "tf_half_pixel_for_nn",
        "tf_half_pixel_for_nn is no mode any more")
    },
    Adapter(["RoiAlign"], 16) { upgrade, _ in
      upgrade.set("coordinate_transformation_mode", to: "output_half_pixel")
    },
    Adapter(["Upsample"], 7) { upgrade, _ in
      let height = try upgrade.unwrap(upgrade.value("height_scale")?.float, "height_scale is missing")
      let width = try upgrade.unwrap(upgrade.value("width_scale")?.float, "width_scale is missing")
      upgrade.remove("height_scale", "width_scale")
      upgrade.set("scales", to: .init(.floats([1, 1, height, width])))
      if try upgrade.value("mode")?.string == "bilinear" { upgrade.set("mode", to: "linear") }
    },
    Adapter(["Upsample"], 10) { upgrade, _ in upgrade.op = OperatorName("Resize") },
  ]

  /// Until version 10, samples lie at x / scale, and the nearest is the one before, or the one after where the
  /// output is smaller.
  private static func sayWhereSamplesLie(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    let scales = upgrade.input(1)
    upgrade.set("coordinate_transformation_mode", to: "asymmetric")
    if try upgrade.value("mode")?.string == "nearest" {
      let factors = try upgrade.unwrap(
        upgrade.constant(1, in: rewriter.model)?.doubles(),
        "whether it enlarges is unknown, on which the nearest sample depends")
      let isLarger = factors.allSatisfy { $0 >= 1 }
      try upgrade.require(
        isLarger || factors.allSatisfy { $0 <= 1 }, "it enlarges one axis and shrinks another")
      upgrade.set("nearest_mode", to: isLarger ? "floor" : "ceil")
    }
    upgrade.setInput(1, to: upgrade.add(try Tensor(float32: []), with: &rewriter))
    upgrade.setInput(2, to: scales)
  }
}
