"""Labels of the form of parameters, and help on its fields."""

from __future__ import annotations

from pydantic import BaseModel

from zimg_widgets._shared.labels import Labels

FIELD_LABELS: Labels = {
    "prompt": ("Prompt", "提示词"),
    "model": ("Model", "模型"),
    "size": ("Size", "尺寸"),
    "width": ("Width", "宽度"),
    "height": ("Height", "高度"),
    "steps": ("Steps", "步数"),
    "guidance": ("Guidance", "引导强度"),
    "negative_prompt": ("Negative prompt", "反向提示词"),
    "seed": ("Seed", "种子"),
    "count": ("Pictures", "张数"),
    "sampler": ("Sampler", "采样器"),
    "sigmas": ("Sigmas", "噪声间隔"),
    "shift": ("Shift", "时间偏移"),
    "cfg_normalization": ("Normalize guidance", "引导归一化"),
    "cfg_truncation": ("Guidance up to", "引导截止点"),
    "embedding_noise": ("Prompt noise", "提示词噪声"),
    "loras": ("LoRA", "LoRA"),
}
"""Names of the known fields; another field is called by its own name."""

HELP_ZH = {
    "steps": "去噪步数，1 到 200。",
    "guidance": "引导强度，0 到 30；0 表示不使用引导。ComfyUI 和 A1111 的 cfg 等于它加 1。",
    "count": "生成几张图片，1 到 1000；种子依次加 1。",
    "sampler": "采样器；Z-Image 可用 euler、lcm 或 unipc（流匹配）。",
    "sigmas": "噪声水平的间隔方式；unipc 只支持 linear。",
    "shift": "噪声水平的时间偏移，0.1 到 20；留空则用模型自带的值。",
    "cfg_normalization": "使引导后的预测不大于引导前的预测。",
    "cfg_truncation": "从过程的这一点起关闭引导（0 到 1；1 表示不关闭）。",
    "embedding_noise": "加在提示词嵌入上的噪声，0 到 1，以嵌入的标准差为单位，由种子决定；"
    "不同种子的图片差别更大，但会少贴合一些提示词。",
    "loras": 'LoRA 文件名和权重（-4 到 4），如 {"my-style": 0.8}；zimg lora list 会列出文件。',
}
"""Help in Chinese for known fields; the descriptions of the parameters are English."""

LABELS: Labels = {
    "automatic": ("automatic", "自动"),
    "automatic_as": ("automatic ({model})", "自动（{model}）"),
    "absent": ("{model} – not here", "{model}（未就绪）"),
    "absent_note": (
        "{model} is not on this machine; get it in a terminal with: {command}",
        "本机还没有 {model}，请在终端运行：{command}",
    ),
    "own_size": ("own size", "自定义尺寸"),
    "swap": ("⇄ Swap", "⇄ 交换"),
    "swap_help": ("Exchange width and height", "交换宽度和高度"),
    "snapped": (
        "Set from {given} to {side} px: sides are multiples of {multiple} from {low} to {high} px.",
        "已从 {given} 调整为 {side} 像素：边长须为 {multiple} 的倍数，{low} 到 {high} 像素。",
    ),
    "fitted": (
        "{given} became {size}: {model} draws sides of {low} to {high} px.",
        "{given} 已改为 {size}：{model} 的边长范围是 {low} 到 {high} 像素。",
    ),
    "clamped": (
        "Set from {given} to {value}: it lies between {low} and {high}.",
        "已从 {given} 调整为 {value}：取值范围是 {low} 到 {high}。",
    ),
    "unguided": (
        "{model} is made to run without guidance.",
        "{model} 不使用引导，此项无效。",
    ),
    "unguided_kept": (
        "{model} is made to run without guidance; 0 is usual.",
        "{model} 通常不使用引导，一般取 0。",
    ),
    "no_guidance": ("No effect while guidance is {least}.", "引导强度为 {least} 时无效。"),
    "not_a_number": (
        "{field} cannot be “{given}”: it is a number.",
        "{field}不能是“{given}”：请填数字。",
    ),
    "not_json": (
        '{field} cannot be “{given}”: write it as JSON, such as {{"name": 0.8}}.',
        '{field}不能是“{given}”：请写成 JSON，例如 {{"name": 0.8}}。',
    ),
    "seed_wrong": (
        "The seed cannot be “{given}”: take a whole number from 0 to 18446744073709551615.",
        "种子不能是“{given}”：请填 0 到 18446744073709551615 的整数。",
    ),
    "seed_drawn": ("drawn each time", "每次随机"),
    "new_seed": ("New seed", "换种子"),
    "new_seed_help": ("Draw a seed and keep it", "抽取一个新种子并保持不变"),
    "lock": ("Keep this seed", "锁定种子"),
    "more": ("More", "更多"),
    "unknown_model": (
        "There is no model “{model}” here: all other settings were taken over.",
        "这里没有模型“{model}”：其他设置已全部恢复。",
    ),
    "taken": (
        "Taken over from {name} ({software}): {values}.",
        "已采用 {name}（{software}）的：{values}。",
    ),
    "changed": ("Not as in the picture:", "与图片中不同："),
    "model_left": (
        "Model {models}: not taken over; {model} draws instead.",
        "模型 {models}：未采用，改由 {model} 生成。",
    ),
    "model_kept": (
        "The file names no model: {model} draws, as chosen before.",
        "文件中没有写明模型：仍由所选的 {model} 生成。",
    ),
    "lora_left": (
        "LoRA {lora}: there is no such file here, so it is left out.",
        "LoRA {lora}：本机没有这个文件，未采用。",
    ),
    "other_tool": ("another tool", "其他工具"),
    "comma": (", ", "、"),
    "named": ("{name}: {text}", "{name}：{text}"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
}


def help_of(kind: type[BaseModel], field: str, language: str = "en") -> str:
    """Return the description of a field of the parameters."""
    if language == "zh" and field in HELP_ZH:
        return HELP_ZH[field]
    info = kind.model_fields.get(field)
    return (info.description or "") if info else ""
