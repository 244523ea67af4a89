import Foundation
import Processes
import Testing

@testable import Evaluation

/// The worker as any other process sees it: bytes on pipes.
@Suite struct WorkerHostTests {
  private func worker(fault: String = "") throws -> (process: Process, input: FileHandle, output: FileHandle)
  {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: ProcessCommand.worker.executable)
    process.arguments = ["worker"]
    process.environment = ProcessInfo.processInfo.environment.merging([WorkerFault.variable: fault]) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, input.fileHandleForWriting, output.fileHandleForReading)
  }

  private func hasEnded(_ process: Process, within seconds: Double = 5) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while process.isRunning, Date() < deadline { usleep(20_000) }
    defer { if process.isRunning { process.terminate() } }
    return !process.isRunning
  }

  @Test func answersOnPipes() throws {
    let (process, input, output) = try worker()
    let ends = FrameChannel(input: output.fileDescriptor, output: input.fileDescriptor)
    try ends.send(Frame(WorkerRequest.start(libraryPath: nil)))
    let answer = try ends.receive().decoded(as: WorkerResponse.self)
    guard case .started(let runtime) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(runtime.hasPrefix("ONNX Runtime 1."))
    try input.close()
    #expect(hasEnded(process))
  }

  @Test func endsWithItsParentInTheMiddleOfARun() throws {
    let (process, input, output) = try worker(fault: "hang-on-start")
    let ends = FrameChannel(input: output.fileDescriptor, output: input.fileDescriptor)
    try ends.send(Frame(WorkerRequest.start(libraryPath: nil)))
    usleep(200_000)
    #expect(process.isRunning)
    try input.close()
    #expect(hasEnded(process))
  }

  @Test(arguments: [
    "noise that is no frame at all",
    "WBF1\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}",
  ])
  func noiseEndsIt(_ noise: String) throws {
    let (process, input, _) = try worker()
    try input.write(contentsOf: Data(noise.utf8))
    #expect(hasEnded(process))
    #expect(process.terminationStatus == 2)
  }

  @Test func ctrlCIsForTheParent() throws {
    let (process, input, output) = try worker()
    let ends = FrameChannel(input: output.fileDescriptor, output: input.fileDescriptor)
    for _ in 0..<2 {
      try ends.send(Frame(WorkerRequest.start(libraryPath: nil)))
      _ = try ends.receive()
      process.interrupt()
    }
    try input.close()
    #expect(hasEnded(process))
  }

  @Test func aRequestWithoutItsBytesIsRefused() throws {
    let (_, input, output) = try worker()
    let ends = FrameChannel(input: output.fileDescriptor, output: input.fileDescriptor)
    let record = TensorRecord(elementType: .float32, dimensions: [2, 2], byteCount: 16)
    try ends.send(
      Frame(WorkerRequest.sendDataset(id: 1, source: "s", columns: [.init(name: "x", tensor: record)])))
    let answer = try ends.receive().decoded(as: WorkerResponse.self)
    guard case .failure = answer else {
      Issue.record("\(answer)")
      return
    }
  }
}
