import EvaluationTestKit
import TensorCore
import Testing

@testable import Evaluation

@Suite struct OnnxSessionTests {
  let runtime: OnnxRuntime

  init() throws { runtime = try OnnxRuntime.load() }

  private func session(_ model: TinyModel, _ options: SessionOptions = .faithful) throws -> OnnxSession {
    try runtime.makeSession(model.source, options)
  }

  @Test func declaresNamesTypesAndSymbols() throws {
    let session = try session(.linear())
    #expect(session.inputs == [ValueSignature("x", .float32, ["N", 2])])
    #expect(session.outputs == [ValueSignature("y", .float32, ["N", 3])])
  }

  @Test(arguments: SessionOptions.Optimization.allCases)
  func runs(_ optimization: SessionOptions.Optimization) throws {
    let session = try session(.linear([1, 2, 3, 4, 5, 6]), SessionOptions(optimization: optimization))
    let y = try session.run(["x": Tensor(float32: [1, 0, 0, 1], [2, 2])])
    #expect(try y.first?.tensor?.doubles() == [1, 2, 3, 4, 5, 6])
    #expect(y.first?.tensor?.dimensions == [2, 3])
  }

  @Test func stringsGoInAndOut() throws {
    let session = try session(.unary("Identity", "string[N]"))
    let strings: [ByteString] = ["a", "", "größer"]
    let y = try session.run(["x": Tensor(strings: strings)])
    #expect(y.first?.tensor?.storage.strings == strings)
  }

  @Test func emptyTensorsGoInAndOut() throws {
    let y = try session(.linear()).run(["x": Tensor(float32: [], [0, 2])])
    #expect(y.first?.tensor?.dimensions == [0, 3])
  }

  @Test(arguments: [
    ("z", "tiny: the model has no input 'z'"), ("", "tiny: the input 'x' is missing"),
  ])
  func namesTheWrongInput(_ name: String, _ message: String) throws {
    let inputs = name.isEmpty ? [:] : [name: try Tensor(float32: [1, 2], [1, 2])]
    let error = #expect(throws: RuntimeError.self) { try session(.linear()).run(inputs) }
    #expect(error?.description == message)
  }

  @Test func keepsTheRuntimesMessage() throws {
    let error = #expect(throws: RuntimeError.self) {
      try session(.linear()).run(["x": Tensor(float32: [1, 2, 3], [1, 3])])
    }
    #expect(error?.model == "tiny")
    #expect(error?.message.contains("Got invalid dimensions") == true)
  }

  @Test(arguments: [[], [1, 2, 3], [UInt8](repeating: 0xFF, count: 20)])
  func refusesWhatIsNoModel(_ bytes: [UInt8]) {
    let error = #expect(throws: RuntimeError.self) {
      try runtime.makeSession(.bytes(bytes, name: "noise"), .faithful)
    }
    #expect(error?.model == "noise")
  }

  @Test func refusesAMissingFile() {
    let error = #expect(throws: RuntimeError.self) {
      try runtime.makeSession(.file("/no/such.onnx"), .faithful)
    }
    #expect(error?.description.hasPrefix("/no/such.onnx: ") == true)
  }

  @Test func aTerminatedSessionRunsNoMore() throws {
    let session = try session(.linear())
    try session.terminate()
    #expect(throws: RuntimeError.self) { try session.run(["x": Tensor(float32: [1, 2], [1, 2])]) }
  }

  @Test func classScoresOfMapsBecomeRows() throws {
    let model = try TinyModel(
      """
      g (float[N,2] x) => (seq(map(int64, float)) y) { y = ai.onnx.ml.ZipMap<classlabels_int64s = [3, 5]>(x) }
      """)
    let y = try session(model).run(["x": Tensor(float32: [1, 2, 3, 4], [2, 2])])
    let rows = try #require(y.first).rows()
    #expect(try rows.dimensions == [2, 2] && rows.doubles() == [1, 2, 3, 4])
  }

  @Test func aTraceTellsTheTimeOfEachNode() throws {
    try withTemporaryFile([], "trace") { prefix in
      let model = try TinyModel("g (float[N] x) => (float[N] y) { [first] h = Relu(x) [second] y = Exp(h) }")
      let session = try session(model, SessionOptions(optimization: .disabled, profilePrefix: prefix))
      for _ in 0..<3 { _ = try session.run(["x": Tensor(float32: [1, 2])]) }
      let profile = try OnnxProfile(path: session.endProfiling())
      #expect(profile.nodes.map(\.name) == ["first", "second"])
      #expect(
        profile.nodes.map(\.op) == ["Relu", "Exp"] && profile.nodes.map(\.durations.count) == [3, 3]
          && profile.runs == 3)
    }
  }

  @Test(
    arguments: [
      (1, [0, 1], nil), (2, [0, 1], "2"), (3, [4, 5, 7, 9], "6;8"), (3, [0, 1], nil), (2, [], nil),
      (0, [0, 1], nil),
    ] as [(Int, [Int], String?)])
  func threadsAreBoundToProcessorsThatThereAre(threads: Int, processors: [Int], setting: String?) {
    #expect(ThreadAffinity.setting(threads: threads, processors: processors) == setting)
  }

  @Test(
    arguments: [
      ("\t0-1", [0, 1]), ("0-2,5,8-9", [0, 1, 2, 5, 8, 9]), ("", []), ("3-1", []), ("a", []), ("0-1-2", []),
      ("0-99999999999", []),
    ] as [(String, [Int])])
  func processorsAreListedInRanges(list: String, processors: [Int]) {
    #expect(ThreadAffinity.processors(list) == processors)
  }
}
