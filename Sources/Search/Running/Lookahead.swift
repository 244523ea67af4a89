import Dispatch
import Synchronization

/// Results of `work` for inputs in their order: the next is computed on another thread while the last is used.
struct Lookahead<Input: Sendable, Output: Sendable>: Sequence, IteratorProtocol {
  private let work: @Sendable (Input) -> Output
  private var remaining: ArraySlice<Input>
  private var pending: Promise<Output>?
  private let queue = DispatchQueue(label: "lookahead")

  init(_ inputs: [Input], _ work: @escaping @Sendable (Input) -> Output) {
    self.work = work
    remaining = inputs[...]
    pending = start()
  }

  mutating func next() -> Output? {
    guard let current = pending else { return nil }
    let output = current.wait()
    pending = start()
    return output
  }

  private mutating func start() -> Promise<Output>? {
    guard let input = remaining.popFirst() else { return nil }
    let promise = Promise<Output>()
    queue.async { [work] in promise.fulfil(work(input)) }
    return promise
  }
}

/// A value that another thread gives.
private final class Promise<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let isGiven = DispatchSemaphore(value: 0)

  func fulfil(_ value: Value) {
    self.value.withLock { $0 = value }
    isGiven.signal()
  }

  func wait() -> Value {
    while true {
      isGiven.wait()
      if let value = value.withLock({ $0 }) { return value }
    }
  }
}
