import EvaluationTestKit
import Foundation
import Synchronization
import TensorCore
import Testing

@testable import Evaluation

@Suite struct MetricCommandTests {
  private func value(
    _ line: String, outputs: [String] = ["y"], hasLabels: Bool = true, seconds: Double = 60,
    isCancelled: () -> Bool = { false }
  ) throws -> Double {
    try MetricCommand(line, direction: .higherIsBetter, secondsLimit: seconds).value(
      of: outputs.map { (name: $0, values: try Tensor(float32: [1, 2, 3, 4], [2, 2])) },
      labels: hasLabels ? Tensor(int64: [1, 0]) : nil, indices: [5, 3], isCancelled: isCancelled)
  }

  @Test(arguments: [
    ("echo 0.5 #", 0.5), ("printf 'reading\\n -3e2 \\n\\n' #", -300), ("echo noise >&2; echo 7 #", 7),
  ])
  func theLastLineIsTheNumber(_ line: String, _ number: Double) throws {
    #expect(try value(line) == number)
  }

  @Test func theFolderIsTheArgumentAndInTheEnvironment() throws {
    #expect(try value("test \"$WORKBENCH_OUTPUTS\" = \"$1\" && ls \"$1\" | grep -c npy #") == 3)
    #expect(try value("ls \"$1\" | grep -c npy #", hasLabels: false) == 2)
  }

  /// An output can have the name of any file, or of another output.
  @Test func namesOfOutputsStayInTheFolder() throws {
    let names = ["../../evil", "labels", "Y", "y", ""]
    let listing =
      "test \"$(ls \"$1\" | tr '\\n' ' ')\" = "
      + "\"Y.npy _._.._evil.npy indices.npy labels.npy labels_2.npy output.npy y_2.npy \" && echo 1 #"
    #expect(try value("export LC_ALL=C; " + listing, outputs: names) == 1)
  }

  @Test func arraysAreWhatNumPyReads() throws {
    let tensors = [
      try Tensor(float32: [1, -2.5, 3, 4], [2, 2]), try Tensor(int64: [1, .min]),
      try Tensor(bool: [true, false]),
      try Tensor(.float16, rounding: [0.5, 2], [2, 1]), try Tensor(.uint8, rounding: [255], [1]),
      try Tensor(strings: ["a", "über", ""]),
    ]
    for tensor in tensors {
      let bytes = try NumpyArray.bytes(of: tensor)
      #expect(bytes.count % 64 == tensor.byteCount % 64 || tensor.elementType == .string)
      try withTemporaryFile(bytes, "x.npy") { path in
        let read = try #require(try Dataset.load(path)[""])
        #expect(read.type == tensor.type && read.storage.strings == tensor.storage.strings)
        if tensor.elementType != .string { #expect(try read.doubles() == tensor.doubles()) }
      }
    }
    try withTemporaryFile(NumpyArray.bytes(of: Tensor(.bfloat16, rounding: [1.5], [1])), "x.npy") { path in
      let read = try Dataset.load(path)
      #expect(read[""]?.elementType == .float32)
    }
  }

  @Test(arguments: [
    ("echo one >&2; echo two >&2; exit 3 #", "the metric command ended with status 3: one\ntwo"),
    ("kill -9 $$ #", "the metric command was ended by signal 9"),
    ("no-such-program-here", "the metric command ended with status 127: "),
    (": #", "the metric command printed nothing"),
    (
      "echo 0.5; echo well done #",
      "the metric command printed 'well done' on its last line, which is no number"
    ),
    ("echo nan #", "the metric command printed 'nan' on its last line, which is no number"),
  ])
  func failuresSayWhy(_ line: String, _ message: String) {
    let error = #expect(throws: MetricCommandError.self) { try value(line) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func aHangEndsAtTheLimitWithAllThatItStarted() throws {
    try withTemporaryFile([], "log") { log in
      let start = ContinuousClock.now
      let error = #expect(throws: MetricCommandError.self) {
        try value("(sleep 2; echo late >> '\(log)') & sleep 100 #", seconds: 0.3)
      }
      #expect(error?.description == "the metric command gave no answer in 0.3 s")
      #expect(ContinuousClock.now - start < .seconds(60))
      usleep(2_300_000)
      let written = try String(contentsOfFile: log, encoding: .utf8)
      #expect(written.isEmpty)
    }
  }

  @Test func cancellingEndsIt() {
    let asked = Atomic(0)
    #expect(throws: WorkerError.cancelled) {
      try value("sleep 100 #") { asked.add(1, ordering: .relaxed).newValue > 3 }
    }
  }
}
