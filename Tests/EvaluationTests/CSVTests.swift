import EvaluationTestKit
import Foundation
import TensorCore
import Testing

@testable import Evaluation

@Suite struct CSVTests {
  private func load(
    _ text: String, _ inputs: [ValueSignature] = [], labelColumn: String? = nil
  ) throws -> Dataset {
    try load(Array(text.utf8), inputs, labelColumn: labelColumn)
  }

  private func load(
    _ bytes: [UInt8], _ inputs: [ValueSignature] = [], labelColumn: String? = nil
  ) throws -> Dataset {
    try withTemporaryFile(bytes, "d.csv") { try Dataset.load($0, for: inputs, labelColumn: labelColumn) }
  }

  private static let matrix = [ValueSignature("x", .float32, ["N", 2])]
  private static let columns = [
    ValueSignature("age", .float32, ["N", 1]), ValueSignature("sex", .string, ["N", 1]),
    ValueSignature("visits", .int64, ["N"]),
  ]

  // MARK: What goes where

  @Test func allFeaturesAreOneInput() throws {
    let dataset = try load("a,label,b\n1,0,-2.5\n3e2,1,4\n", Self.matrix)
    #expect(dataset.columns.map(\.name) == ["x"] && dataset["x"]?.dimensions == [2, 2])
    #expect(try dataset["x"]?.doubles() == [1, -2.5, 300, 4])
    #expect(try dataset.labels?.integers() == [0, 1])
    _ = try dataset.binding(to: Self.matrix)
  }

  @Test func eachInputHasAColumnOfItsName() throws {
    let dataset = try load(
      "id,visits,sex,age,outcome\n7,3,\"f\",41.5,yes\n8,4.0,m,nan,no\n", Self.columns, labelColumn: "outcome")
    #expect(dataset.columns.map(\.name) == ["age", "sex", "visits"])
    #expect(dataset.columns.map(\.values.dimensions) == [[2, 1], [2, 1], [2]])
    #expect(dataset["sex"]?.storage.strings == ["f", "m"])
    #expect(try dataset["visits"]?.integers() == [3, 4])
    #expect(try dataset["age"]?.doubles().last?.isNaN == true)
    #expect(dataset.labels?.storage.strings == ["yes", "no"])
    _ = try dataset.binding(to: Self.columns)
  }

  /// The name of an input that takes more than one value of a sample can be that of a feature.
  @Test func aFeatureMayHaveTheInputsName() throws {
    #expect(try load("x,y\n1,2\n", Self.matrix)["x"]?.dimensions == [1, 2])
    #expect(try load("x,y\n1,2\n", [ValueSignature("x", .float32, ["N", 1])])["x"]?.dimensions == [1, 1])
    #expect(try load("label,y\n1,2\n", [ValueSignature("label", .float32, ["N", 1])]).labels == nil)
  }

  @Test(arguments: [
    ("0\n1", ElementType.int64), ("0\n1.5", .float64), ("0\nhigh", .string), ("\"a, b\"\nc", .string),
  ])
  func labelsHaveTheTypeThatFitsAll(_ column: String, _ type: ElementType) throws {
    let rows = column.split(separator: "\n").map { "1,2,\($0)" }.joined(separator: "\n")
    #expect(try load("a,b,labels\n\(rows)", Self.matrix).labels?.elementType == type)
  }

  // MARK: RFC 4180

  @Test(arguments: [
    ("a\nplain\n", ["plain"]), ("a\r\n\"x, y\"\r\nz\r\n", ["x, y", "z"]),
    ("a\n\"two\nlines\"", ["two\nlines"]),
    ("a\n\"say \"\"no\"\"\"\n", ["say \"no\""]), ("a\n\"\"\n\"\"\"\"\n", ["", "\""]),
    ("\u{FEFF}a\nü\n\n\n", ["ü"]),
    ("a\n\nb\n", ["", "b"]), ("\"a\"\n b \n", [" b "]),
  ])
  func quotingAndLineEnds(_ text: String, _ fields: [String]) throws {
    let dataset = try load(text, [ValueSignature("a", .string, ["N", 1])])
    #expect(dataset["a"]?.storage.strings == fields.map { ByteString($0) })
  }

  // MARK: What is refused

  @Test(arguments: [
    ("", "is empty: a header with the names of the columns comes first"),
    ("\n\r\n", "is empty: a header with the names of the columns comes first"),
    ("a,b\n", "holds no sample, only a header"),
    ("a,b,a\n1,2,3", "line 1, column 3: there is another column 'a'"),
    (",a\n0,1", "line 1, column 1: has no name"),
    ("a,b\n1,2\n3\n", "line 3: has 1 columns, the header has 2"),
    ("a,b\n1,2,3\n", "line 2: has 3 columns, the header has 2"),
    ("a,b\n1,2\n\n3,4\n", "line 3: has 1 columns, the header has 2"),
    ("a,b\n1,2\n3,four\n", "line 3, column 2 'b': 'four' is no number"),
    ("a,b\n1,\n", "line 2, column 2 'b': nothing is no number"),
    ("a,b\n1,0x10\n", "line 2, column 2 'b': '0x10' is no number"),
    ("a,b\n1,inf\n", "line 2, column 2 'b': 'inf' is no number"),
    ("a,b\n1,1e999\n", "line 2, column 2 'b': '1e999' is too large"),
    ("a,label,b\n1,,2\n", "line 2, column 2 'label': the label is missing"),
    ("a,label\n1,\"x\n\n\"\n3,\"y\n", "line 5, column 2: has no closing quote"),
    ("a,b\n\"1\"x,2\n", "line 2, column 1: goes on after its closing quote"),
    ("a,b\n1,2\"\n", "line 2, column 2: holds a quote or a carriage return"),
    ("a,b\r1,2\r", "line 1, column 2: holds a quote or a carriage return"),
    ("a,b\n1,2\0\n", "line 2, column 2: holds a NUL byte: this is no text"),
    ("a,b\n1,\"2\0\"\n", "line 2, column 2: holds a NUL byte: this is no text"),
  ])
  func tellsWhereItIsWrong(_ text: String, _ message: String) {
    let error = #expect(throws: DatasetError.self) { try load(text, Self.matrix) }
    #expect(error?.message == message)
    #expect(error?.file?.hasSuffix("d.csv") == true)
  }

  @Test func textThatIsNoUTF8() {
    let error = #expect(throws: DatasetError.self) { try load(Array("a,b\n1,".utf8) + [0xFF], Self.matrix) }
    #expect(error?.message == "line 2, column 2: is no UTF-8 text")
  }

  @Test func hugeFieldsAndTooManyColumns() {
    for quote in ["", "\""] {
      let text = "a,b\n1,\(quote)\(String(repeating: "2", count: CSVReader.fieldLimit + 1))\(quote)\n"
      let error = #expect(throws: DatasetError.self) { try load(text, Self.matrix) }
      #expect(error?.message == "line 2, column 2: takes more than 1 MiB")
    }
    let error = #expect(throws: DatasetError.self) {
      try load(String(repeating: ",", count: CSVReader.columnLimit), Self.matrix)
    }
    #expect(error?.message == "line 1: has more than 65536 columns")
  }

  @Test func columnsThatAreNotThere() {
    let input = #expect(throws: DatasetError.self) { try load("age,sex\n1,f\n", Self.columns) }
    #expect(input?.message == "has no column for the model's input 'visits'; its columns are 'age', 'sex'")
    let label = #expect(throws: DatasetError.self) { try load("a,b\n1,2\n", Self.matrix, labelColumn: "y") }
    #expect(label?.message == "has no column 'y' for labels; its columns are 'a', 'b'")
    #expect(throws: DatasetError.self) { try load("a,b,c\n1,2,3\n", Self.matrix).binding(to: Self.matrix) }
  }

  @Test func wholeNumbersStayWhole() throws {
    let inputs = [ValueSignature("n", .int64, ["N", 1])]
    #expect(try load("n\n9223372036854775807\n", inputs)["n"]?.integers() == [.max])
    let error = #expect(throws: DatasetError.self) { try load("n\n2.5\n", inputs) }
    #expect(error?.message == "line 2, column 1 'n': '2.5' is no whole number")
    #expect(throws: DatasetError.self) { try load("n\n9223372036854775808\n", inputs) }
  }

  /// Whatever the bytes are, there is an error or a data set.
  @Test func noBytesCrash() {
    var random = RandomSource(seed: 5)
    let alphabet = Array("a,\"\n\r1\0".utf8) + [0xFF, 0xC3]
    for _ in 0..<2000 {
      let bytes = random.uniforms(24).map { alphabet[Int($0 * Double(alphabet.count))] }
      _ = try? bytes.withUnsafeBytes { bytes in
        var reader = CSVReader(bytes)
        while try reader.record() != nil {}
      }
    }
  }
}

@Suite struct NumpyFolderTests {
  private func withFolder(_ files: [String: [UInt8]], _ body: (String) throws -> Void) throws {
    try withTemporaryFile([], "readme.txt") { path in
      let folder = URL(filePath: path).deletingLastPathComponent()
      for (name, bytes) in files { try Data(bytes).write(to: folder.appending(path: name)) }
      try body(folder.path)
    }
  }

  private let x = NumpyFiles.npy("<f4", "(2, 2)", [1, 2, 3, 4] as [Float])
  private let labels = NumpyFiles.npy("<i8", "(2,)", [1, 0] as [Int64])

  @Test func filesAreArraysOfTheirNames() throws {
    try withFolder(["x.npy": x, "labels.npy": labels, "._x.npy": [0]]) { folder in
      let dataset = try Dataset.load(folder)
      #expect(dataset.columns.map(\.name) == ["x"] && dataset.count == 2 && dataset.path == folder)
      #expect(try dataset.labels?.integers() == [1, 0])
      let error = #expect(throws: DatasetError.self) {
        try dataset.binding(to: [ValueSignature("z", .float32, ["N", 2])])
      }
      #expect(error?.description == "\(folder): has no array for the model's input 'z'; its arrays are 'x'")
    }
  }

  @Test func theFileThatIsWrongIsNamed() throws {
    try withFolder(["x.npy": x, "z.npy": Array(x.dropLast(4))]) { folder in
      let error = #expect(throws: DatasetError.self) { try Dataset.load(folder) }
      #expect(error?.file == folder + "/z.npy")
    }
    try withFolder(["labels.npy": labels]) { folder in
      let error = #expect(throws: DatasetError.self) { try Dataset.load(folder) }
      #expect(error?.description == "\(folder): holds no array besides labels")
    }
    try withFolder([:]) { folder in
      let error = #expect(throws: DatasetError.self) { try Dataset.load(folder) }
      #expect(error?.message.hasPrefix("holds neither .npy files") == true)
    }
  }
}
