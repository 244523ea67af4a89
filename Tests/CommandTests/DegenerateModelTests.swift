import Foundation
import Testing

/// Models that lack what others have: operators, inputs, outputs.
@Suite struct DegenerateModelTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: TestModel
    /// What `search` says; nil where it does its work.
    var refusal: String?
    /// What `compare` says of the model beside itself.
    var comparison = "same results, up to rounding"
    var testDescription: String { model.name }

    init(_ name: String, _ graph: String, _ refusal: String? = nil) {
      model = TestModel(name, graph)
      self.refusal = refusal.map { "m.onnx: the model has no \($0)" }
      if graph.contains("=> ()") { comparison = "m.onnx: the model has no outputs" }
    }
  }

  static let cases = [
    Case(
      "only the input", "g (float[N,4] x) => (float[N,4] x) { }",
      "operators, so that there is nothing to remove"
    ),
    Case("only a weight", "g (float[N,4] x) => (float[4] w) <float[4] w = {1,2,3,4}> { }", "operators"),
    Case("only a constant", "g (float x) => (float y) { y = Constant <value = float {1}> () }", "operators"),
    Case(
      "no outputs", "g (float[N,4] x) => () { a = Relu (x) }", "outputs, so that there is nothing to measure"),
    Case(
      "no inputs", "g () => (float[4] y) <float[4] w = {1,2,3,4}> { y = Relu (w) }",
      "inputs, so that there is nothing to run it on"),
    Case("nothing", "g () => () { }", "outputs"),
    Case("an input among the outputs", "g (float[N,4] x) => (float[N,4] y, float[N,4] x) { y = Relu (x) }"),
    Case("a copy of the input", "g (float[N,4] x) => (float[N,4] y) { y = Identity (x) }"),
  ]

  @Test(arguments: cases)
  func isReadWrittenAndShown(_ test: Case) async throws {
    let workspace = try Workspace()
    try workspace.write(test.model, to: "m.onnx")
    for arguments in [
      ["inspect", "-m", "m.onnx"], ["print", "-m", "m.onnx"], ["render", "-m", "m.onnx", "-o", "m.svg"],
      ["opt", "-m", "m.onnx", "-o", "o.onnx"], ["inspect", "-m", "o.onnx", "--json"],
      ["opt", "-m", "o.onnx", "-o", "o.onnxtxt"], ["print", "-m", "o.onnxtxt"],
      ["render", "-m", "o.onnx", "--before", "m.onnx", "-o", "d.svg"],
    ] {
      let result = try await workspace.run(arguments)
      #expect(result.status == 0, "\(arguments): \(result.error)")
    }
  }

  @Test(arguments: cases)
  func isComparedWithItself(_ test: Case) async throws {
    let workspace = try Workspace()
    try workspace.write(test.model, to: "m.onnx")
    let result = try await workspace.run("compare", "-m", "m.onnx", "--before", "m.onnx", "--threads", "1")
    #expect(result.status == (test.comparison.contains("no outputs") ? 2 : 0), "\(result.error)")
    #expect((result.output + result.error).contains(test.comparison), "\(result.error)")
  }

  @Test(arguments: cases)
  func isSearchedOrRefused(_ test: Case) async throws {
    let workspace = try Workspace()
    try workspace.write(test.model, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx")
    guard let refusal = test.refusal else {
      #expect(result.status == 0 && workspace.exists("m-search/report.json"), "\(result.error)")
      return
    }
    #expect(result.status == 2 && result.error.contains(refusal), "\(result.error)")
    #expect(workspace.names == ["m.onnx"])
  }
}
