"""The words on the rating panel, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Rate pictures", "评价图片"),
    "ask_stars": ("How good is this picture?", "这张图片有多好？"),
    "ask_pairs": ("Which picture is better?", "哪张图片更好？"),
    "1": ("bad", "很差"),
    "2": ("poor", "较差"),
    "3": ("fair", "一般"),
    "4": ("good", "较好"),
    "5": ("excellent", "很好"),
    "left": ("left", "左边"),
    "right": ("right", "右边"),
    "tie": ("tie", "一样好"),
    "the_picture": ("The picture to rate", "要评价的图片"),
    "left_picture": ("The left picture", "左边的图片"),
    "right_picture": ("The right picture", "右边的图片"),
    "undo": ("Undo", "撤销"),
    "name": ("Your name", "您的名字"),
    "start": ("Start", "开始"),
    "change": ("Somebody else", "换人"),
    "progress": ("{done} of {total}", "第 {done} 个，共 {total} 个"),
    "done": ("All {total} are rated. Thank you!", "全部 {total} 个已评价，谢谢！"),
    "busy": ("Waiting for the kernel …", "正在等待内核……"),
    "gone": ("The kernel is gone: run the cell again.", "内核已断开：请重新运行单元格。"),
    "picture": ("picture", "图片"),
    "raters": ("raters", "评价人数"),
    "answers": ("answers", "回答"),
    "mean": ("mean", "平均"),
    "sd": ("SD", "标准差"),
    "low": ("95 % from", "95% 下限"),
    "high": ("to", "上限"),
    "wins": ("wins", "胜"),
    "ties": ("ties", "平"),
    "losses": ("losses", "负"),
    "win_rate": ("win rate", "胜率"),
    "alpha": ("Krippendorff's alpha", "Krippendorff α"),
    "kappa": ("Cohen's kappa", "Cohen κ"),
}
