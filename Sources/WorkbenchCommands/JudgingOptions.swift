import CommandLineKit
import Evaluation

/// A program of the user's that judges models.
struct JudgingOptions: ParameterGroup {
  @Option(
    "--metric-command", help: "judges models by the last line it prints; gets a folder of outputs",
    placeholder: "CMD", defaultText: "none: --metric judges")
  var command: String?
  @Flag("--lower-is-better", help: "than more, of what the metric command prints") var lowerIsBetter

  func validate() throws {
    guard let command else {
      if lowerIsBetter { throw UsageError("--lower-is-better needs --metric-command") }
      return
    }
    if command.allSatisfy(\.isWhitespace) { throw UsageError("--metric-command: is empty") }
  }

  /// - Parameter secondsLimit: for one run.
  func metricCommand(secondsLimit: Double) -> MetricCommand? {
    command.map {
      MetricCommand(
        $0, direction: lowerIsBetter ? .lowerIsBetter : .higherIsBetter, secondsLimit: secondsLimit)
    }
  }
}
