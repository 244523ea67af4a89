/// Values and their types. `onnxruntime_library.h` states the conventions.

#ifndef WB_ONNXRUNTIME_VALUES_H
#define WB_ONNXRUNTIME_VALUES_H

#include "onnxruntime_library.h"

#pragma clang assume_nonnull begin

// MARK: Types

typedef WB_ORT_ENUM(wb_ort_value_kind) {
  wb_ort_value_kind_unknown = 0,
  wb_ort_value_kind_tensor = 1,
  wb_ort_value_kind_sequence = 2,
  wb_ort_value_kind_map = 3,
  wb_ort_value_kind_opaque = 4,
  wb_ort_value_kind_sparse_tensor = 5,
  wb_ort_value_kind_optional = 6,
} wb_ort_value_kind;

/// The library's numbering is that of ONNX's `TensorProto.DataType` up to 23, and differs from 24 on.
typedef WB_ORT_ENUM(wb_ort_element_type) {
  wb_ort_element_type_undefined = 0,
  wb_ort_element_type_float = 1,
  wb_ort_element_type_uint8 = 2,
  wb_ort_element_type_int8 = 3,
  wb_ort_element_type_uint16 = 4,
  wb_ort_element_type_int16 = 5,
  wb_ort_element_type_int32 = 6,
  wb_ort_element_type_int64 = 7,
  wb_ort_element_type_string = 8,
  wb_ort_element_type_bool = 9,
  wb_ort_element_type_float16 = 10,
  wb_ort_element_type_double = 11,
  wb_ort_element_type_uint32 = 12,
  wb_ort_element_type_uint64 = 13,
  wb_ort_element_type_complex64 = 14,
  wb_ort_element_type_complex128 = 15,
  wb_ort_element_type_bfloat16 = 16,
  wb_ort_element_type_float8e4m3fn = 17,
  wb_ort_element_type_float8e4m3fnuz = 18,
  wb_ort_element_type_float8e5m2 = 19,
  wb_ort_element_type_float8e5m2fnuz = 20,
  wb_ort_element_type_uint4 = 21,
  wb_ort_element_type_int4 = 22,
  wb_ort_element_type_float4e2m1 = 23,
  wb_ort_element_type_uint2 = 24,
  wb_ort_element_type_int2 = 25,
  wb_ort_element_type_float8e8m0 = 26,
} wb_ort_element_type;

/// What a type info describes, such as a tensor or a sequence.
wb_ort_status *_Nullable wb_ort_type_info_kind(
    const wb_ort_api *api, const wb_ort_type_info *info, wb_ort_value_kind *kind);
/// The tensor that a type info describes, NULL if it describes something else. Lives as long as `info`, and
/// must not be released.
wb_ort_status *_Nullable wb_ort_type_info_tensor(
    const wb_ort_api *api, const wb_ort_type_info *info,
    const wb_ort_tensor_info *_Nullable *_Nonnull tensor);
void wb_ort_release_type_info(const wb_ort_api *api, wb_ort_type_info *info);

wb_ort_status *_Nullable wb_ort_tensor_element_type(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, wb_ort_element_type *type);
wb_ort_status *_Nullable wb_ort_tensor_rank(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, size_t *rank);
/// Fills `rank` dimensions; -1 stands for one that is not static.
wb_ort_status *_Nullable wb_ort_tensor_dimensions(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, int64_t *dimensions, size_t rank);
/// Fills `rank` names, empty for a dimension that has none. They live as long as the type info.
wb_ort_status *_Nullable wb_ort_tensor_symbolic_dimensions(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, const char *_Nullable *_Nonnull names,
    size_t rank);
/// The number of elements; an error when a dimension is not static.
wb_ort_status *_Nullable wb_ort_tensor_element_count(
    const wb_ort_api *api, const wb_ort_tensor_info *tensor, size_t *count);
/// Releases what `wb_ort_value_tensor_info` handed out.
void wb_ort_release_tensor_info(const wb_ort_api *api, wb_ort_tensor_info *tensor);

// MARK: Values

/// Memory of the CPU, as `wb_ort_create_tensor_over` asks for it.
wb_ort_status *_Nullable wb_ort_create_cpu_memory_info(
    const wb_ort_api *api, wb_ort_memory_info *_Nullable *_Nonnull info);
void wb_ort_release_memory_info(const wb_ort_api *api, wb_ort_memory_info *info);

/// Makes a tensor over `byte_count` bytes of the caller's, which must outlive it and are written to when it
/// is an output. Not for strings.
wb_ort_status *_Nullable wb_ort_create_tensor_over(
    const wb_ort_api *api, const wb_ort_memory_info *memory, void *bytes, size_t byte_count,
    const int64_t *dimensions, size_t rank, wb_ort_element_type type,
    wb_ort_value *_Nullable *_Nonnull value);
/// Makes a tensor whose memory belongs to it.
wb_ort_status *_Nullable wb_ort_create_tensor(
    const wb_ort_api *api, wb_ort_allocator *allocator, const int64_t *dimensions, size_t rank,
    wb_ort_element_type type, wb_ort_value *_Nullable *_Nonnull value);
void wb_ort_release_value(const wb_ort_api *api, wb_ort_value *value);

wb_ort_status *_Nullable wb_ort_value_get_kind(
    const wb_ort_api *api, const wb_ort_value *value, wb_ort_value_kind *kind);
wb_ort_status *_Nullable wb_ort_value_is_tensor(
    const wb_ort_api *api, const wb_ort_value *value, int32_t *is_tensor);
/// 0 for an optional value that is not there, 1 for every other value. Ask this first when the type is optional:
/// asking anything but `is_tensor` of a value that is not there crashes.
wb_ort_status *_Nullable wb_ort_value_has_value(
    const wb_ort_api *api, const wb_ort_value *value, int32_t *has_value);
wb_ort_status *_Nullable wb_ort_value_tensor_info(
    const wb_ort_api *api, const wb_ort_value *value, wb_ort_tensor_info *_Nullable *_Nonnull tensor);
/// The memory of a tensor, NULL possibly when it has no element. Lives as long as the value. Not for strings.
wb_ort_status *_Nullable wb_ort_value_data(
    const wb_ort_api *api, wb_ort_value *value, void *_Nullable *_Nonnull bytes);

/// Copies `count` strings, each ended by a zero, into a string tensor of that many elements.
wb_ort_status *_Nullable wb_ort_fill_strings(
    const wb_ort_api *api, wb_ort_value *value, const char *_Nullable const *_Nonnull strings, size_t count);
/// The bytes of all strings of a tensor together, with no ending zeros.
wb_ort_status *_Nullable wb_ort_string_byte_count(
    const wb_ort_api *api, const wb_ort_value *value, size_t *byte_count);
/// Copies the strings of a tensor, one directly after the other, and where each of them starts.
wb_ort_status *_Nullable wb_ort_copy_strings(
    const wb_ort_api *api, const wb_ort_value *value, void *bytes, size_t byte_count, size_t *starts,
    size_t count);

/// The number of parts: the elements of a sequence; 2 for a map, its keys and its values.
wb_ort_status *_Nullable wb_ort_value_part_count(
    const wb_ort_api *api, const wb_ort_value *value, size_t *count);
/// Hands out a part of a sequence or of a map as a value of its own.
wb_ort_status *_Nullable wb_ort_value_part(
    const wb_ort_api *api, const wb_ort_value *value, int32_t index, wb_ort_allocator *allocator,
    wb_ort_value *_Nullable *_Nonnull part);

#pragma clang assume_nonnull end

#endif
