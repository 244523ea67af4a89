import Evaluation
import EvaluationTestKit
import Foundation
import GraphIR
import ONNXFormat
import PassPipeline
import TensorCore
import Testing

@Suite struct EquivalenceTests {
  let runtime: OnnxRuntime

  init() throws { runtime = try OnnxRuntime.load() }

  private func report(
    _ original: String, _ changed: String, _ values: [Float] = [1, 2, 3], _ exactness: Exactness = .rounding
  ) throws -> EquivalenceReport {
    let graph = { (nodes: String) in
      try TinyModel("g (float[N] x) => (float[N] y) <float tiny = {1e-7}, float one = {1}> { \(nodes) }")
        .source
    }
    return try EquivalenceCheck(exactness).compare(
      graph(original), graph(changed), on: [["x": Tensor(float32: values)]], runtime: runtime)
  }

  @Test func roundingIsForgivenUnlessEveryBitCounts() throws {
    let pair = ("y = Identity(x)", "h = Sqrt(x) y = Mul(h, h)")
    #expect(try report(pair.0, pair.1).isEquivalent)
    let strict = try report(pair.0, pair.1, [1, 2, 3], .bitwise)
    #expect(!strict.isEquivalent && (strict.worst?.mismatches ?? 0) > 0)
  }

  @Test func otherValuesAreSeen() throws {
    let report = try report("y = Relu(x)", "y = Identity(x)", [1, -1])
    #expect(report.worst?.firstMismatch == 1 && report.worst?.maximumAbsoluteError == 1)
    #expect(report.description.hasPrefix("the output 'y' differs in 1 elements, first at 1"))
  }

  @Test func notANumberMustStayInItsPlace() throws {
    #expect(try report("y = Log(x)", "y = Log(x)", [-1, 1]).isEquivalent)
    #expect(try report("y = Log(x)", "y = Log(x)", [-1, 1]).hasNonFiniteReference)
    #expect(try !report("y = Log(x)", "y = Identity(x)", [-1, 0]).isEquivalent)
  }

  @Test func zeroHasASignWhenEveryBitCounts() throws {
    #expect(try report("y = Identity(x)", "y = Abs(x)", [-0.0], .rounding).isEquivalent)
    #expect(try !report("y = Identity(x)", "y = Abs(x)", [-0.0], .bitwise).isEquivalent)
  }

  @Test func shapesMustBeEqual() throws {
    let a = try TinyModel("g (float[N] x) => (float[?] y) { y = Identity(x) }").source
    let b = try TinyModel("g (float[N] x) => (float[?] y) { y = Concat<axis = 0>(x, x) }").source
    let inputs = [["x": try Tensor(float32: [1, 2])]]
    let report = try EquivalenceCheck().compare(a, b, on: inputs, runtime: runtime)
    #expect(report.description == "the output 'y' is float[4], the original's is float[2]")
    #expect(try EquivalenceCheck().compare(a, b, on: inputs, client: EvaluationClient()) == report)
  }

  @Test func constantsAreComputed() throws {
    let text = """
      <ir_version: 8, opset_import: ["" : 17]>
      g () => (float[2] y, int64[1] s) <float[2] a = {1, 2}> { y = Add(a, a) s = Shape(y) }
      """
    let model = try Model(NamedModel(parsing: text))
    let values = try RuntimeConstantEvaluator(runtime).evaluate(model)
    #expect(try values.map { try $0.doubles() } == [[2, 4], [2]])
  }
}

@Suite struct TestFolderTests {
  /// A `TensorProto`: dims, data type, raw data, name.
  private func tensor(_ values: [Float], name: String) -> [UInt8] {
    let raw = values.withUnsafeBytes { Array($0) }
    return [0x08, UInt8(values.count / 2), 0x08, 2, 0x10, 1, 0x42, UInt8(name.utf8.count)] + Array(name.utf8)
      + [0x4A, UInt8(raw.count)] + raw
  }

  @Test func joinsTheSamplesOfAllSets() throws {
    try withTemporaryFile([], "empty") { path in
      let folder = URL(filePath: path).deletingLastPathComponent()
      for (index, values) in [[1, 2], [3, 4, 5, 6]].enumerated() as EnumeratedSequence<[[Float]]> {
        let set = folder.appending(path: "test_data_set_\(index)")
        try FileManager.default.createDirectory(at: set, withIntermediateDirectories: true)
        try Data(tensor(values, name: "x")).write(to: set.appending(path: "input_0.pb"))
      }
      let dataset = try Dataset.load(folder.path)
      #expect(dataset.count == 3)
      #expect(try dataset["x"]?.doubles() == [1, 2, 3, 4, 5, 6])
      try Data([1, 2, 3]).write(to: folder.appending(path: "test_data_set_1/input_0.pb"))
      let error = #expect(throws: DatasetError.self) { try Dataset.load(folder.path) }
      #expect(error?.file?.hasSuffix("test_data_set_1/input_0.pb") == true)
    }
  }
  private func withSets(_ sets: [[String: [UInt8]]], _ body: (String) throws -> Void) throws {
    try withTemporaryFile([], "empty") { path in
      let folder = URL(filePath: path).deletingLastPathComponent()
      for (index, files) in sets.enumerated() {
        let set = folder.appending(path: "test_data_set_\(index)")
        try FileManager.default.createDirectory(at: set, withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: set.appending(path: name)) }
      }
      try body(folder.path)
    }
  }

  @Test func outputsAreReferences() throws {
    let sets = [[1, 2], [3, 4]].map { (values: [Float]) in
      ["input_0.pb": tensor(values, name: ""), "output_0.pb": tensor(values, name: "y")]
    }
    try withSets(sets) { folder in
      let dataset = try Dataset.load(folder)
      #expect(dataset.count == 2 && dataset.columns.map(\.name) == [""])
      #expect(try dataset.reference(for: "y", at: 3)?.doubles() == [1, 2, 3, 4])
      #expect(dataset.reference(for: "z", at: 0) == nil)
    }
    try withSets([sets[0], ["input_0.pb": tensor([3, 4], name: "")]]) { folder in
      let dataset = try Dataset.load(folder)
      #expect(dataset.references.isEmpty)
    }
  }

  @Test func aSetWithoutInputsIsNamed() throws {
    try withSets([["input_0.pb": tensor([1, 2], name: "x")], [:]]) { folder in
      let error = #expect(throws: DatasetError.self) { try Dataset.load(folder) }
      #expect(error?.description == "\(folder)/test_data_set_1: holds no 'input_0.pb'")
    }
  }
}
