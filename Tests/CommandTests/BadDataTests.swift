import Testing

/// Data that cannot serve: exit code 2, a message that says which array of which file, no result folder.
@Suite struct BadDataTests {
  private func search(_ data: [UInt8], _ model: TestModel = .residual) async throws -> (ToolResult, Workspace)
  {
    let workspace = try Workspace()
    try workspace.write(model, to: "m.onnx")
    try workspace.write(data, to: "d.npz")
    let result = try await workspace.search("-m", "m.onnx", "--data", "d.npz", "-q")
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.output.isEmpty)
    #expect(workspace.names == ["d.npz", "m.onnx"])
    return (result, workspace)
  }

  @Test func aNameThatNoInputHas() async throws {
    let (result, _) = try await search(Samples(32).npz(inputName: "pixels"))
    #expect(result.error.contains("d.npz: has no array for the model's input 'x'; its arrays are 'pixels'"))
  }

  @Test func aShapeThatDoesNotFit() async throws {
    let (result, _) = try await search(Samples(32).npz(labelCount: 16, columns: 8))
    #expect(result.error.contains("d.npz: array 'x': has the shape [16, 8], the model's input takes"))
  }

  @Test func labelsOfAnotherCount() async throws {
    let (result, _) = try await search(Samples(32).npz(labelCount: 31))
    #expect(result.error.contains("d.npz") && result.error.contains("31"))
  }

  /// Also where only held-back samples have such labels.
  @Test(arguments: [0, 1, 2, 3, 31])
  func labelsThatAreNoClass(_ wrong: Int) async throws {
    let (result, _) = try await search(Samples(32).npz(label: { $0 == wrong ? 7 : Int64($0 % 3) }))
    #expect(
      result.error.contains(
        "d.npz: array 'labels': row \(wrong): the label 7 is no class: the output 'scores' has"),
      "\(result.error)")
  }

  @Test func labelsOfOneClass() async throws {
    let (result, _) = try await search(Samples(32).npz(label: { _ in 1 }))
    #expect(
      result.error.contains(
        "d.npz: array 'labels': all are 1: top-1 accuracy needs samples of two classes at least"))
  }

  @Test func tooFewSamples() async throws {
    let (result, _) = try await search(Samples(4).npz())
    #expect(result.error.contains("d.npz: 4 samples are too few") && result.error.contains("help:"))
  }

  @Test func noNumPyFile() async throws {
    let (result, _) = try await search(Array("hello".utf8))
    #expect(result.error.contains("error: d.npz: "))
  }

  @Test func aTruncatedFile() async throws {
    let (result, _) = try await search(Array(Samples(32).npz().dropLast(40)))
    #expect(result.error.contains("error: d.npz: "))
  }

  @Test func outputsThatAreNotANumber() async throws {
    let (result, _) = try await search(Samples(32).npz(hasLabels: false), .notANumber)
    #expect(result.error.contains("m.onnx: output 'y' is NaN or infinite for 16 of 16 samples"))
    #expect(result.error.contains("help:"))
  }

  @Test func outputsThatHardlyChange() async throws {
    let (result, _) = try await search(Samples(32).npz(hasLabels: false), .constant)
    #expect(result.error.contains("m.onnx: output 'y' is nearly the same for every input"))
    #expect(result.error.contains("help: give real data with --data"))
  }

  @Test func aMissingFile() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx", "--data", "nowhere.npz")
    #expect(result.status == 2 && result.error.contains("error: nowhere.npz: no such file or directory"))
    #expect(workspace.names == ["m.onnx"])
  }

  @Test func requireDataRefusesToDrawInputs() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx", "--require-data")
    #expect(result.status == 2)
    #expect(result.error.contains("error: m.onnx: no eval.npz beside it") && result.error.contains("help:"))
    #expect(workspace.names == ["m.onnx"])
  }

  @Test func calibrationAloneMeasuresNothing() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(32).npz(), to: "c.npz")
    let result = try await workspace.search("-m", "m.onnx", "--calibration", "c.npz")
    #expect(
      result.status == 2 && result.error.contains("error: c.npz: calibration needs samples to measure on"))
  }

  /// One sample without numbers would be in every range and every fit.
  @Test(arguments: [Float.nan, .infinity])
  func calibrationWithoutNumbersIsLeftOut(_ value: Float) async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(256).npz(), to: "d.npz")
    var calibration = Samples(64)
    calibration.setInput(2, of: 0, to: value)
    try workspace.write(calibration.npz(hasLabels: false), to: "c.npz")
    let arguments = [
      "search", "-m", "m.onnx", "--data", "d.npz", "--calibration", "c.npz", "--objective", "macs",
    ]
    let result = try await workspace.run(arguments + ["--out", "run"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("1 of 64 calibration samples were left out"), "\(result.error)")

    for sample in 0..<64 { calibration.setInput(2, of: sample, to: value) }
    try workspace.write(calibration.npz(hasLabels: false), to: "c.npz")
    let refused = try await workspace.run(arguments + ["--out", "other"])
    #expect(refused.status == 2)
    #expect(refused.error.contains("error: c.npz: every calibration sample holds NaN"), "\(refused.error)")
  }

  @Test(arguments: [
    ("g (seq(float[N]) x) => (float[N] y) { z = Constant <value_int = 0> () y = SequenceAt (x, z) }", "'x'"),
    ("g (float[N,100000,100000] x) => (float[N,100000,100000] y) { y = Relu (x) }", "10240000000000 values"),
  ])
  func inputsThatCannotBeDrawn(graph: String, reason: String) async throws {
    let workspace = try Workspace()
    try workspace.write(TestModel("", graph), to: "m.onnxtxt")
    for arguments in [
      ["search", "-m", "m.onnxtxt"],
      ["compare", "--before", "m.onnxtxt", "-m", "m.onnxtxt", "--samples", "1024"],
    ] {
      let result = try await workspace.run(arguments)
      #expect(result.status == 2 && !result.wasKilled)
      #expect(result.error.contains("error: m.onnxtxt: ") && result.error.contains(reason), "\(result.error)")
    }
    #expect(workspace.names == ["m.onnxtxt"])
  }

  @Test func anOutputThatTheModelLacks() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx", "--output", "logits")
    #expect(result.status == 2 && result.error.contains("no output 'logits', its outputs are 'scores'"))
    #expect(workspace.names == ["m.onnx"])
  }
  @Test(arguments: [
    ("a,b,c,d,label\n1,2,3,4,0\n1,2,3,x,1\n", "error: d.csv: line 3, column 4 'd': 'x' is no number"),
    ("a,b,c,d,label\n1,2,3,0\n", "error: d.csv: line 2: has 4 columns, the header has 5"),
    ("a,b,c,label\n1,2,3,0\n", "error: d.csv: array 'x': has the shape [1, 3], the model's input takes"),
  ])
  func aTableThatCannotBeRead(table: String, message: String) async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(table, to: "d.csv")
    for command in [
      ["search"], ["sensitivity"], ["opt", "-o", "o.onnx"], ["compare", "--before", "m.onnx"],
    ] {
      let result = try await workspace.run(command + ["-m", "m.onnx", "--data", "d.csv"])
      #expect(result.status == 2 && !result.wasKilled && result.error.contains(message), "\(result.error)")
    }
    #expect(workspace.names == ["d.csv", "m.onnx"])
  }

  @Test func aLabelColumnNeedsATable() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx", "--label-column", "y")
    #expect(result.status == 2 && result.error.contains("--label-column needs --data FILE.csv"))
  }
}
