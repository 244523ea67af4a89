import Foundation
import GraphIR
import ONNXFormat
import Testing

/// `opt`, `print`, `inspect`, `render`, `compare`: what they keep, and what they leave alone.
@Suite struct FileCommandTests {
  @Test func optReplacesNothingWithoutForce() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write("precious", to: "other.onnx")
    let original = try workspace.bytes(of: "m.onnx")
    let overInput = try await workspace.run("opt", "-m", "m.onnx", "-o", "./m.onnx")
    #expect(overInput.status == 2 && overInput.error.contains("is the input itself"))
    #expect(overInput.error.contains("help: --force replaces it"))
    let overOther = try await workspace.run("opt", "-m", "m.onnx", "-o", "other.onnx")
    #expect(overOther.status == 2 && overOther.error.contains("other.onnx: exists already"))
    #expect(try workspace.bytes(of: "m.onnx") == original)
    #expect(try workspace.text(of: "other.onnx") == "precious")
  }

  @Test func optReplacesTheInputOnRequest() async throws {
    let workspace = try Workspace()
    try workspace.write(.customOperator, to: "m.onnx")
    let forced = try await workspace.run("opt", "-m", "m.onnx", "-o", "m.onnx", "--force")
    #expect(forced.status == 0, "\(forced.error)")
    let text = try await workspace.run("print", "-m", "m.onnx").output
    #expect(text.contains("com.acme.Frob <k = 3>") && !text.contains("Identity"))
    #expect(workspace.names == ["m.onnx"])
  }

  @Test func renderReplacesNothingWithoutForce() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write("precious", to: "m.svg")
    let refused = try await workspace.run("render", "-m", "m.onnx", "-o", "m.svg")
    #expect(refused.status == 2 && refused.error.contains("m.svg: ") && refused.error.contains("--force"))
    #expect(try workspace.text(of: "m.svg") == "precious")
    #expect(try await workspace.run("render", "-m", "m.onnx", "-o", "m.svg", "--force").status == 0)
    #expect(try workspace.text(of: "m.svg").contains("<svg"))
  }

  @Test(arguments: TestModel.unusual + [.customOperator])
  func unusualGraphsPassThroughEveryCommand(model: TestModel) async throws {
    let workspace = try Workspace()
    try workspace.write(model, to: "m.onnxtxt")
    for arguments in [
      ["opt", "-m", "m.onnxtxt", "-o", "o.onnx"], ["opt", "-m", "o.onnx", "-o", "o.onnxtxt"],
      ["inspect", "-m", "o.onnxtxt"], ["print", "-m", "o.onnx", "--full"],
      ["render", "-m", "o.onnx", "-o", "o.svg"],
      ["render", "-m", "o.onnx", "--before", "m.onnxtxt", "-o", "d.dot"],
    ] {
      let result = try await workspace.run(arguments)
      #expect(result.status == 0, "\(arguments): \(result.error)")
    }
    if model.name == TestModel.customOperator.name {
      #expect(try workspace.text(of: "o.onnxtxt").contains("com.acme.Frob <k = 3>"))
      let compared = try await workspace.run("compare", "--before", "m.onnxtxt", "-m", "o.onnx")
      #expect(compared.status == 2 && compared.error.contains("com.acme"))
    } else {
      let compared = try await workspace.run(
        "compare", "--before", "m.onnxtxt", "-m", "o.onnx", "--threads", "1")
      #expect(compared.status == 0, "\(compared.output)\(compared.error)")
    }
  }

  @Test func compareSaysWhatDiffers() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "a.onnx")
    let changed = TestModel("changed", text: TestModel.residual.text.replacing("0.01", with: "0.5"))
    try workspace.write(changed, to: "b.onnx")
    let result = try await workspace.run("compare", "--before", "a.onnx", "-m", "b.onnx", "--threads", "1")
    #expect(result.status == 1 && result.output.contains("results differ: 'scores'"), "\(result.error)")
    let json = try await workspace.run("compare", "--before", "a.onnx", "-m", "b.onnx", "--json")
    #expect(json.status == 1)
    #expect(try json.json()["is_equivalent"] as? Bool == false)
  }

  @Test func compareRefusesOtherInterfaces() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "a.onnx")
    try workspace.write(TestModel.unusual[2], to: "b.onnx")
    let result = try await workspace.run("compare", "--before", "a.onnx", "-m", "b.onnx")
    #expect(result.status == 2 && result.error.contains("the models take or give different things"))
  }

  /// Errors that are no numbers have no place in JSON, and are no trap either.
  @Test func compareGivesJSONWhereOutputsAreNotANumber() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "a.onnx")
    let undefined = TestModel(
      "undefined", text: TestModel.residual.text.replacing("Tanh (b)", with: "Log (b)"))
    try workspace.write(undefined, to: "b.onnx")
    let result = try await workspace.run("compare", "--before", "a.onnx", "-m", "b.onnx", "--json")
    #expect(result.status == 1, "\(result.error)")
    #expect(try result.json()["is_equivalent"] as? Bool == false)
  }

  @Test func inspectVerifiesExternalDataOnRequest() async throws {
    let workspace = try Workspace()
    try ONNXFormat.write(
      NamedModel(parsing: TestModel.large.text), to: workspace.path("m.onnx"), overwriting: false,
      externalData: .always(minimumByteCount: 0))
    let result = try await workspace.run("inspect", "-m", "m.onnx", "--verify-data")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("note: external data: 0 of 1 files are as their checksums say"))
    #expect(result.error.contains("warning: external data m.onnx.data: the model gives no checksum"))
    try workspace.write(.residual, to: "m.onnxtxt")
    #expect(try await workspace.run("inspect", "-m", "m.onnxtxt", "--verify-data").status == 2)
  }

  @Test func inspectCountsZerosOnRequest() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let table = try await workspace.run("inspect", "-m", "m.onnx", "--sparsity")
    #expect(table.status == 0, "\(table.error)")
    #expect(table.output.contains("30 of 44 weights are 0 (68.2 %)"), "\(table.output)")
    #expect(table.output.contains("2:4") && table.output.contains("no gain"))
    let report = try await workspace.run("inspect", "-m", "m.onnx", "--sparsity", "--json").json()
    let weights = try #require(report["weights"] as? [[String: Any]])
    #expect(weights.map { $0["zeros"] as? Int } == [12, 12, 6])
    #expect((weights[0]["blocks"] as? [String: Int])?["one_of_four"] == 4)
    let second = try await workspace.run("inspect", "-m", "m.onnx", "--sparsity")
    #expect(second.output == table.output)
    try workspace.write("hello, world", to: "bad.onnx")
    let bad = try await workspace.run("inspect", "-m", "bad.onnx", "--sparsity")
    #expect(bad.status == 2 && bad.error.contains("bad.onnx"))
  }

  @Test func jsonOutputsParse() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    for arguments in [
      ["inspect", "-m", "m.onnx", "--json"], ["opt", "-m", "m.onnx", "-o", "o.onnx", "--json"],
      ["compare", "--before", "m.onnx", "-m", "m.onnx", "--json"],
      ["passes", "fuse-conv-batch-norm", "--json"], ["passes", "static-int8", "--json"],
    ] {
      let result = try await workspace.run(arguments)
      #expect(result.status == 0, "\(arguments): \(result.error)")
      #expect(try !result.json().isEmpty)
    }
  }
}

@Suite struct DiffAndProfileTests {
  @Test func diffTellsByItsExitCode() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    #expect(try await workspace.run("opt", "-m", "m.onnx", "-o", "o.onnx").status == 0)
    let same = try await workspace.run("diff", "-m", "m.onnx", "--before", "m.onnx")
    #expect(same.status == 0 && same.output.hasSuffix("the same\n"))
    let other = try await workspace.run("diff", "-m", "o.onnx", "--before", "m.onnx")
    let quiet = try await workspace.run("diff", "-m", "o.onnx", "--before", "m.onnx", "-q")
    #expect(quiet.status == other.status && quiet.output.isEmpty)
    let json = try await workspace.run("diff", "-m", "o.onnx", "--before", "m.onnx", "--json")
    #expect(json.output.contains("\"unchanged\""))
    #expect(try await workspace.run("diff", "-m", "gone.onnx", "--before", "m.onnx").status == 2)
  }

  @Test func profileAddsUpOperators() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let shown = try await workspace.run("profile", "-m", "m.onnx", "--before", "m.onnx", "--runs", "3")
    #expect(shown.status == 0, "\(shown.error)")
    #expect(shown.output.contains("operator") && shown.output.contains("before"))
    let json = try await workspace.run("profile", "-m", "m.onnx", "--runs", "3", "--json")
    #expect(json.status == 0 && json.output.contains("\"operators\""))
    #expect(try await workspace.run("profile", "-m", "m.onnx", "--runs", "0").status == 2)
  }
}
