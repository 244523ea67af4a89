/// The slots of ONNX Runtime's table of functions that we call. Slots never move: a newer library only adds
/// more.

#ifndef WB_ONNXRUNTIME_SLOTS_H
#define WB_ONNXRUNTIME_SLOTS_H

#include <stdint.h>

enum {
  slot_GetErrorCode = 1,
  slot_GetErrorMessage = 2,
  slot_CreateEnv = 3,
  slot_CreateSession = 7,
  slot_CreateSessionFromArray = 8,
  slot_Run = 9,
  slot_CreateSessionOptions = 10,
  slot_SetOptimizedModelFilePath = 11,
  slot_EnableProfiling = 14,
  slot_DisableProfiling = 15,
  slot_DisableMemPattern = 17,
  slot_DisableCpuMemArena = 19,
  slot_SetSessionLogSeverityLevel = 22,
  slot_SetSessionGraphOptimizationLevel = 23,
  slot_SetIntraOpNumThreads = 24,
  slot_SetInterOpNumThreads = 25,
  slot_SessionGetInputCount = 30,
  slot_SessionGetOutputCount = 31,
  slot_SessionGetInputTypeInfo = 33,
  slot_SessionGetOutputTypeInfo = 34,
  slot_SessionGetInputName = 36,
  slot_SessionGetOutputName = 37,
  slot_CreateRunOptions = 39,
  slot_RunOptionsSetTerminate = 46,
  slot_RunOptionsUnsetTerminate = 47,
  slot_CreateTensorAsOrtValue = 48,
  slot_CreateTensorWithDataAsOrtValue = 49,
  slot_IsTensor = 50,
  slot_GetTensorMutableData = 51,
  slot_FillStringTensor = 52,
  slot_GetStringTensorDataLength = 53,
  slot_GetStringTensorContent = 54,
  slot_CastTypeInfoToTensorInfo = 55,
  slot_GetOnnxTypeFromTypeInfo = 56,
  slot_GetTensorElementType = 60,
  slot_GetDimensionsCount = 61,
  slot_GetDimensions = 62,
  slot_GetSymbolicDimensions = 63,
  slot_GetTensorShapeElementCount = 64,
  slot_GetTensorTypeAndShape = 65,
  slot_GetValueType = 67,
  slot_CreateCpuMemoryInfo = 69,
  slot_AllocatorFree = 76,
  slot_GetAllocatorWithDefaultOptions = 78,
  slot_GetValue = 80,
  slot_GetValueCount = 81,
  slot_ReleaseEnv = 92,
  slot_ReleaseStatus = 93,
  slot_ReleaseMemoryInfo = 94,
  slot_ReleaseSession = 95,
  slot_ReleaseValue = 96,
  slot_ReleaseRunOptions = 97,
  slot_ReleaseTypeInfo = 98,
  slot_ReleaseTensorTypeAndShapeInfo = 99,
  slot_ReleaseSessionOptions = 100,
  slot_SessionEndProfiling = 110,
  slot_GetAvailableProviders = 125,
  slot_ReleaseAvailableProviders = 126,
  slot_AddSessionConfigEntry = 130,
  slot_AddInitializer = 150,
  slot_HasValue = 192,
  slot_GetBuildInfoString = 254,
  slot_count
};

/// The version of the table that we ask for: the first one that has `GetBuildInfoString`, our highest slot. A
/// library hands out every version up to its own, so asking for the lowest that serves accepts the most
/// libraries. A change here must follow a change of the highest slot. Versions are ONNX Runtime's minor
/// version numbers.
enum { requested_version = 15 };

/// A function of the table; each call gives it its own type back.
typedef void (*slot_function)(void);

struct wb_ort_api {
  slot_function slot[slot_count];
};

/// Calls a slot: `CALL(slot_Name, result type, (parameter types), arguments…)`.
#define CALL(name, result, parameters, ...) ((result(*) parameters)api->slot[name])(__VA_ARGS__)

/// Calls a slot that returns a status.
#define TRY(name, parameters, ...) CALL(name, wb_ort_status *, parameters, __VA_ARGS__)

#endif
