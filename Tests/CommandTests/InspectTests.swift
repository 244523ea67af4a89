import Foundation
import Testing

/// `inspect` tells what a model is made of.
@Suite struct InspectTests {
  private static let open = TestModel(
    "open",
    """
    open (float[N,4] x, float[N,length] z, float[?] u) => (float[N,3] scores)
    <int8[4,3] w = {1,2,3, 4,5,6, 7,8,9, 1,2,3}, float s = {0.5}>
    {
      v = DequantizeLinear (w, s)
      scores = MatMul (x, v)
    }
    """)

  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(Self.open, to: "m.onnx")
    return workspace
  }

  @Test func jsonHasAllThatTheTextHas() async throws {
    let summary = try await workspace().run("inspect", "-m", "m.onnx", "--json").json()
    let sizes = try #require(summary["symbolic_sizes"] as? [[String: Any]])
    #expect(sizes.compactMap { $0["name"] as? String } == ["N", "length"])
    #expect(sizes[0]["axes"] as? [String] == ["x[0]", "z[0]", "scores[0]"] && sizes[0]["value"] as? Int == 1)
    #expect(summary["unknown_sizes"] as? [String] == ["u[0]"])
    let quantization = try #require(summary["quantization"] as? [String: Any])
    #expect(quantization["layers"] as? Int == 1 && quantization["quantized_layers"] as? Int == 1)
    let precision = try #require((quantization["precisions"] as? [[String: Any]])?.first)
    #expect(
      precision["weights"] as? String == "int8" && precision["form"] as? String == "dequantized weights")
    #expect(precision["mac_share"] as? Double == 1 && precision["node_share"] as? Double == 1)
    for key in ["file", "ir_version", "producer", "opsets", "inputs", "outputs", "operators", "weight_bytes"]
    {
      #expect(summary[key] != nil, "\(key)")
    }
  }

  /// Inputs x, z and u, the dequantized weights, and the scores.
  @Test func sizesAreNamed() async throws {
    let workspace = try workspace()
    let one = try await workspace.run("inspect", "-m", "m.onnx", "--json").json()
    let many = try await workspace.run(
      "inspect", "-m", "m.onnx", "--json", "--size", "N=10", "--size", "length=7"
    ).json()
    #expect(one["macs"] as? Int == 12 && many["macs"] as? Int == 120)
    #expect(one["peak_activation_bytes"] as? Int == 4 * (4 + 1 + 1 + 12 + 3))
    #expect(many["peak_activation_bytes"] as? Int == 4 * (40 + 70 + 1 + 12 + 30))
    let text = try await workspace.run("inspect", "-m", "m.onnx", "--size", "N=10").output
    #expect(text.contains("size   N = 10 in x[0], z[0], scores[0]") && text.contains("length = 1 in z[1]"))
    #expect(text.contains("convolutions and products: 1 of 1 are quantized"))
  }

  @Test(arguments: ["N", "N=", "=3", "N=x", "N=-1", "N=1=2", "N=99999999999999999999", "M=3"])
  func refusesSizesThatAreNone(size: String) async throws {
    let result = try await workspace().run("inspect", "-m", "m.onnx", "--size", size)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.error.contains(size.hasPrefix("M") ? "there is N, length" : "such as N=32"))
  }

  @Test func sizesAndSparsityExcludeEachOther() async throws {
    let result = try await workspace().run("inspect", "-m", "m.onnx", "--sparsity", "--size", "N=2")
    #expect(result.status == 2 && result.error.contains("leave out --sparsity"))
  }

  @Test func hugeSizesSaturate() async throws {
    let result = try await workspace().run(
      "inspect", "-m", "m.onnx", "--json", "--size", "N=2147483648", "--size", "length=2147483648")
    #expect(result.status == 0, "\(result.error)")
    #expect(try result.json()["peak_activation_bytes"] as? Int ?? 0 > 1 << 61)
  }
}
