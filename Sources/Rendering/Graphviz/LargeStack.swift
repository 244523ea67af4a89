import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs `body` on a new thread with a stack of `size` bytes, and waits for it.
/// - Throws: what `body` throws; `LargeStackError` where there is no thread to be had.
func withLargeStack<Result: Sendable>(
  _ size: Int, _ body: @escaping @Sendable () throws -> Result
) throws -> Result {
  let outcome = Outcome<Result>()
  let job = Job { outcome.value.withLock { $0 = Swift.Result(catching: body) } }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, size)
  #if canImport(Glibc)
    var thread = pthread_t()
  #else
    var thread: pthread_t?
  #endif
  let retained = Unmanaged.passRetained(job)
  guard pthread_create(&thread, &attributes, { Job.run($0) }, retained.toOpaque()) == 0 else {
    retained.release()
    throw LargeStackError()
  }
  #if canImport(Glibc)
    pthread_join(thread, nil)
  #else
    if let thread { pthread_join(thread, nil) }
  #endif
  guard let result = outcome.value.withLock({ $0 }) else {
    throw LargeStackError()
  }
  return try result.get()
}

struct LargeStackError: Error, CustomStringConvertible {
  var description: String { "no thread with a large stack is to be had" }
}

private final class Outcome<Value: Sendable>: Sendable {
  let value = Mutex<Swift.Result<Value, any Error>?>(nil)
}

private final class Job: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }

  static func run(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let pointer { Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().body() }
    return nil
  }
}
