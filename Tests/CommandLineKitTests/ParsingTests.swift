import Testing

@testable import CommandLineKit

/// How arguments become the properties of a command.
@Suite struct ParsingTests {
  private func parse(_ arguments: String...) throws -> Search {
    let command = Search()
    try ParameterList(command, GeneralOptions()).parse(arguments)
    return command
  }

  @Test func whatIsNotGivenHasItsDefault() throws {
    let command = try parse("--model", "m.onnx")
    #expect(command.model == "m.onnx")
    #expect(command.out == nil)
    #expect(command.seed == 7)
    #expect(command.strategies.isEmpty)
    #expect(!command.json)
    #expect(command.verify)
    #expect(command.running.threads == 1)
    #expect(command.extra.isEmpty)
  }

  @Test(arguments: [["--model", "a=b"], ["--model=a=b"], ["-m", "a=b"], ["-ma=b"], ["-m=a=b"], ["-jma=b"]])
  func valuesFollowLongAndShortNames(arguments: [String]) throws {
    let command = Search()
    try ParameterList(command, GeneralOptions()).parse(arguments)
    #expect(command.model == "a=b")
  }

  @Test func listsTakeCommasAndRepetition() throws {
    let command = try parse("-mm", "--strategies", "pruning,ablation", "--strategies=quantization")
    #expect(command.strategies == [.pruning, .ablation, .quantization])
  }

  @Test func pathsMayHoldCommas() throws {
    #expect(try parse("-mm", "a,b", "c").extra == ["a,b", "c"])
  }

  @Test func switchesCombineAndTurnOff() throws {
    let command = try parse("-jm", "m", "--no-verify")
    #expect(command.json)
    #expect(!command.verify)
    #expect(try parse("-mm", "-v").verify)
  }

  @Test func aValueMayBeginWithADash() throws {
    #expect(try parse("-mm", "--seed", "-3").seed == -3)
    #expect(try parse("-m", "-").model == "-")
  }

  @Test func nothingAfterTwoDashesIsAnOption() throws {
    #expect(try parse("-mm", "--", "--json", "-x").extra == ["--json", "-x"])
  }

  @Test func placesAreFilledInOrder() throws {
    let command = Compare()
    try ParameterList(command, GeneralOptions()).parse(["a", "b"])
    #expect(command.first == "a")
    #expect(command.second == "b")
    #expect(command.data == nil)
  }

  @Test func groupsCheckWhatTheyTake() {
    #expect(throws: UsageError("13 threads bring bad luck")) { try parse("-mm", "--threads", "13") }
  }

  @Test func aCommandCanBeFilledInByHand() {
    let command = Search()
    command.model = "m.onnx"
    command.running.threads = 2
    #expect(command.model == "m.onnx")
    #expect(command.running.threads == 2)
  }
}

/// What is said of arguments that make no sense.
@Suite struct UsageErrorTests {
  private func error(_ arguments: [String]) -> UsageError? {
    #expect(throws: UsageError.self) { try ParameterList(Search(), GeneralOptions()).parse(arguments) }
  }

  @Test(arguments: Mistake.all)
  private func says(mistake: Mistake) {
    let found = error(mistake.arguments)
    #expect(found?.message == mistake.message)
    #expect(found?.help == (mistake.help.map { [$0] } ?? []))
  }

  @Test func aFileWithoutItsOptionIsGuessed() {
    let found = #expect(throws: UsageError.self) {
      try ParameterList(RequiredOnly(), GeneralOptions()).parse(["m.onnx"])
    }
    #expect(found == UsageError("unexpected argument 'm.onnx'", help: ["did you mean '--model m.onnx'?"]))
  }

  @Test func allThatIsMissingIsNamed() {
    let found = #expect(throws: UsageError.self) { try ParameterList(Compare(), GeneralOptions()).parse([]) }
    #expect(found?.message == "missing 'FIRST' and 'SECOND'")
  }

  @Test(
    arguments: [
      ("serch", "search"), ("srch", "search"), ("--budgt", "--budget"), ("--bugdet", "--budget"),
      ("sea", "search"), ("frobnicate", nil), ("x", nil),
    ] as [(String, String?)])
  func suggests(word: String, expected: String?) {
    #expect(nearest(to: word, among: ["search", "compare", "--budget", "--model"]) == expected)
  }
}

private struct RequiredOnly: ParameterGroup {
  @Option("--model", help: "the ONNX file") var model: FilePath
}

private struct Mistake: Sendable, CustomTestStringConvertible {
  let arguments: [String]
  let message: String
  let help: String?

  init(_ line: String, _ message: String, help: String? = nil) {
    arguments = line.split(separator: " ").map(String.init)
    self.message = message
    self.help = help
  }

  var testDescription: String { arguments.joined(separator: " ") }

  static let all: [Mistake] = [
    Mistake("--modle m", "unknown option '--modle'", help: "did you mean '--model'?"),
    Mistake("--mod=m", "unknown option '--mod'", help: "did you mean '--model'?"),
    Mistake("-model m", "unknown option '-model'", help: "did you mean '--model'?"),
    Mistake("-mm --no-verfy", "unknown option '--no-verfy'", help: "did you mean '--no-verify'?"),
    Mistake("-x", "unknown option '-x'"),
    Mistake("-jx", "unknown option '-x'"),
    Mistake("m.onnx", "missing '--model FILE'"),
    Mistake("", "missing '--model FILE'"),
    Mistake("--model", "'--model' needs a value", help: "write --model FILE"),
    Mistake("--model --json", "'--model' needs a value", help: "write --model FILE"),
    Mistake("-ma -mb", "'-m' is given twice"),
    Mistake("--json=yes", "'--json' takes no value, but 'yes' was given"),
    Mistake("--seed x", "'--seed' needs a whole number, not 'x'"),
    Mistake("--threads 65", "'--threads' needs a value from 1 to 64, not '65'"),
    Mistake(
      "--strategies pruning,ablaton",
      "'--strategies' needs one of ablation, quantization, pruning, not 'ablaton'",
      help: "did you mean 'ablation'?"),
  ]
}
