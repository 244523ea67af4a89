#include "onnxruntime_values.h"

#include "slots.h"

wb_ort_status *wb_ort_type_info_kind(
    const wb_ort_api *api, const wb_ort_type_info *info, wb_ort_value_kind *kind) {
  return TRY(slot_GetOnnxTypeFromTypeInfo, (const wb_ort_type_info *, wb_ort_value_kind *), info, kind);
}

wb_ort_status *wb_ort_type_info_tensor(
    const wb_ort_api *api, const wb_ort_type_info *info, const wb_ort_tensor_info **tensor) {
  return TRY(
      slot_CastTypeInfoToTensorInfo, (const wb_ort_type_info *, const wb_ort_tensor_info **), info, tensor);
}

void wb_ort_release_type_info(const wb_ort_api *api, wb_ort_type_info *info) {
  CALL(slot_ReleaseTypeInfo, void, (wb_ort_type_info *), info);
}

wb_ort_status *wb_ort_tensor_element_type(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, wb_ort_element_type *type) {
  return TRY(slot_GetTensorElementType, (const wb_ort_tensor_info *, wb_ort_element_type *), tensor, type);
}

wb_ort_status *wb_ort_tensor_rank(const wb_ort_api *api, const wb_ort_tensor_info *tensor, size_t *rank) {
  return TRY(slot_GetDimensionsCount, (const wb_ort_tensor_info *, size_t *), tensor, rank);
}

wb_ort_status *wb_ort_tensor_dimensions(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, int64_t *dimensions, size_t rank) {
  return TRY(slot_GetDimensions, (const wb_ort_tensor_info *, int64_t *, size_t), tensor, dimensions, rank);
}

wb_ort_status *wb_ort_tensor_symbolic_dimensions(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, const char **names, size_t rank) {
  return TRY(
      slot_GetSymbolicDimensions, (const wb_ort_tensor_info *, const char **, size_t), tensor, names, rank);
}

wb_ort_status *wb_ort_tensor_element_count(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, size_t *count) {
  return TRY(slot_GetTensorShapeElementCount, (const wb_ort_tensor_info *, size_t *), tensor, count);
}

void wb_ort_release_tensor_info(const wb_ort_api *api, wb_ort_tensor_info *tensor) {
  CALL(slot_ReleaseTensorTypeAndShapeInfo, void, (wb_ort_tensor_info *), tensor);
}

wb_ort_status *wb_ort_create_cpu_memory_info(const wb_ort_api *api, wb_ort_memory_info **info) {
  const int32_t device_allocator = 0, default_memory = 0;
  return TRY(
      slot_CreateCpuMemoryInfo, (int32_t, int32_t, wb_ort_memory_info **), device_allocator, default_memory,
      info);
}

void wb_ort_release_memory_info(const wb_ort_api *api, wb_ort_memory_info *info) {
  CALL(slot_ReleaseMemoryInfo, void, (wb_ort_memory_info *), info);
}

wb_ort_status *wb_ort_create_tensor_over(
    const wb_ort_api *api, const wb_ort_memory_info *memory, void *bytes, size_t byte_count,
    const int64_t *dimensions, size_t rank, wb_ort_element_type type, wb_ort_value **value) {
  return TRY(
      slot_CreateTensorWithDataAsOrtValue,
      (const wb_ort_memory_info *, void *, size_t, const int64_t *, size_t, wb_ort_element_type,
       wb_ort_value **), memory, bytes, byte_count, dimensions, rank, type, value);
}

wb_ort_status *wb_ort_create_tensor(
    const wb_ort_api *api, wb_ort_allocator *allocator, const int64_t *dimensions, size_t rank,
    wb_ort_element_type type, wb_ort_value **value) {
  return TRY(
      slot_CreateTensorAsOrtValue,
      (wb_ort_allocator *, const int64_t *, size_t, wb_ort_element_type, wb_ort_value **), allocator,
      dimensions, rank, type, value);
}

void wb_ort_release_value(const wb_ort_api *api, wb_ort_value *value) {
  CALL(slot_ReleaseValue, void, (wb_ort_value *), value);
}

wb_ort_status *wb_ort_value_get_kind(
    const wb_ort_api *api, const wb_ort_value *value, wb_ort_value_kind *kind) {
  return TRY(slot_GetValueType, (const wb_ort_value *, wb_ort_value_kind *), value, kind);
}

wb_ort_status *wb_ort_value_is_tensor(const wb_ort_api *api, const wb_ort_value *value, int32_t *is_tensor) {
  return TRY(slot_IsTensor, (const wb_ort_value *, int *), value, is_tensor);
}

wb_ort_status *wb_ort_value_has_value(const wb_ort_api *api, const wb_ort_value *value, int32_t *has_value) {
  return TRY(slot_HasValue, (const wb_ort_value *, int *), value, has_value);
}

wb_ort_status *wb_ort_value_tensor_info(
    const wb_ort_api *api, const wb_ort_value *value, wb_ort_tensor_info **tensor) {
  return TRY(slot_GetTensorTypeAndShape, (const wb_ort_value *, wb_ort_tensor_info **), value, tensor);
}

wb_ort_status *wb_ort_value_data(const wb_ort_api *api, wb_ort_value *value, void **bytes) {
  return TRY(slot_GetTensorMutableData, (wb_ort_value *, void **), value, bytes);
}

wb_ort_status *wb_ort_fill_strings(
    const wb_ort_api *api, wb_ort_value *value, const char *const *strings, size_t count) {
  return TRY(slot_FillStringTensor, (wb_ort_value *, const char *const *, size_t), value, strings, count);
}

wb_ort_status *wb_ort_string_byte_count(
    const wb_ort_api *api, const wb_ort_value *value, size_t *byte_count) {
  return TRY(slot_GetStringTensorDataLength, (const wb_ort_value *, size_t *), value, byte_count);
}

wb_ort_status *wb_ort_copy_strings(
    const wb_ort_api *api, const wb_ort_value *value, void *bytes, size_t byte_count, size_t *starts,
    size_t count) {
  return TRY(
      slot_GetStringTensorContent, (const wb_ort_value *, void *, size_t, size_t *, size_t), value, bytes,
      byte_count, starts, count);
}

wb_ort_status *wb_ort_value_part_count(const wb_ort_api *api, const wb_ort_value *value, size_t *count) {
  return TRY(slot_GetValueCount, (const wb_ort_value *, size_t *), value, count);
}

wb_ort_status *wb_ort_value_part(
    const wb_ort_api *api, const wb_ort_value *value, int32_t index, wb_ort_allocator *allocator,
    wb_ort_value **part) {
  return TRY(
      slot_GetValue, (const wb_ort_value *, int, wb_ort_allocator *, wb_ort_value **), value, index,
      allocator, part);
}
