"""Words of material, craft, light and composition, by which a prompt becomes concrete."""

_EN = """
wool woolen linen cotton silk satin velvet denim leather suede fur lace canvas burlap tweed felt
cashmere chiffon tulle knitted knit crochet embroidery embroidered brocade woven quilted wood
wooden oak walnut birch pine cedar teak mahogany bamboo rattan wicker cork plywood driftwood
timber stone marble granite slate basalt sandstone limestone terrazzo brick concrete cement
plaster adobe clay terracotta earthenware stoneware porcelain ceramic ceramics glaze glazed enamel
cloisonné cloisonne lacquer lacquered glass crystal acrylic resin plastic rubber vinyl metal
metallic steel iron aluminium aluminum titanium brass bronze copper chrome gilded gilt pewter foil
wire pearl jade amber ivory paper cardboard kraft parchment vellum origami papercut wax mud sand
moss rust rusty patina weathered cracked polished brushed matte matt glossy frosted translucent
iridescent wet dusty rough grainy grain texture textured feathered wrinkled mosaic stained-glass
stitched carved engraved hand-carved hammered woodcut linocut etching engraving lithograph
screenprint screen-print risograph print watercolour watercolor gouache oil acrylics pastel
charcoal pencil ink ink-wash wash calligraphy brushwork brushstrokes brush impasto fresco gongbi
scroll sumi-e sketch line-art linework illustration vector painting collage claymation render
rendering 3d low-poly isometric pixel voxel cel-shaded flat-design film analog analogue polaroid
kodak portra fujifilm daguerreotype cyanotype photograph macro telephoto fisheye lens bokeh
lighting lit sunlight sunlit daylight moonlight moonlit candlelight candlelit lamplight firelight
starlight backlight backlit backlighting rim-light glow glowing neon shadow shadows shadowed
silhouette silhouetted sunrise sunset dawn dusk twilight overcast fog foggy mist misty haze hazy
golden-hour blue-hour softbox spotlight chiaroscuro lantern lanterns flash dappled reflection
reflections reflecting caustic gradient composition close-up closeup wide-angle panorama panoramic
aerial overhead top-down bird's-eye low-angle high-angle eye-level symmetrical symmetry
asymmetrical centered centred foreground background backdrop framing off-centre diagonal flat-lay
portrait profile headshot half-length full-length cutaway grid layout minimalist negative-space
depth-of-field vignette monochrome sepia palette black-and-white duotone high-contrast low-key
high-key tilt-shift stipple stippled hatching cross-hatching chalk crayon porcelain-white bust
plinth tiled tiles thatched cobblestone mural graffiti spray-paint stencil blueprint diorama
miniature puppet papier-mâché ukiyo-e art-deco art-nouveau bauhaus
"""
EN_PAIRS = (
    r"(?:golden|blue|magic) hour|(?:soft|warm|cool|cold|hard|harsh|natural|diffuse[d]?|dim|low|"
    r"bright|"
    r"evening|morning|afternoon|window|side|rim|back|top|stage|studio|street|lamp|candle|fire|"
    r"moon|sun|"
    r"winter|summer|overcast|volumetric|ambient|dramatic|cinematic|golden|even|flat|last|early|"
    r"late|"
    r"café|cafe) (?:\w+ )?(?:light|lights|lighting|sun)|in the light|light (?:from|through|on|over|"
    r"across|in|of)|(?:wide|medium|long|full|overhead|aerial|close|tight|establishing|low|top|"
    r"tracking)"
    r"[ -](?:shot|view|angle)|view from|from (?:above|below|behind)|shallow focus|long exposure|"
    r"side view|"
    r"front view|rule of thirds|leading lines|empty space|depth of field|shot on|\d+ ?mm|f/\d"
)
_ZH = """
羊毛 亚麻 棉布 棉麻 纯棉 丝绸 绸缎 缎面 真丝 丝绒 天鹅绒 牛仔 皮革 真皮 麂皮 皮草 蕾丝 帆布 粗布
粗花呢 毛毡 羊绒 雪纺 薄纱 轻纱 针织 钩针 刺绣 苏绣 绣花 织锦 云锦 编织 绗缝 木质 木头 木制 木刻
木雕 木版 木桌 木地板 木纹 实木 原木 橡木 胡桃木 桦木 松木 红木 柚木 檀木 樟木 竹编 竹制 竹筒 藤编
藤椅 软木 石头 石质 石砌 石雕 石刻 石板 大理石 花岗岩 玄武岩 砂岩 水磨石 青砖 红砖 砖墙 瓦片 青瓦
混凝土 水泥 石膏 夯土 陶土 陶瓷 陶器 粗陶 紫砂 白瓷 青瓷 青花瓷 青花 瓷器 瓷杯 瓷盘 釉 琉璃 珐琅
搪瓷 景泰蓝 掐丝 大漆 漆器 朱漆 螺钿 玻璃 水晶 亚克力 树脂 塑料 橡胶 金属 不锈钢 钢铁 钢制 铁艺
铸铁 铝 钛 黄铜 青铜 紫铜 铜器 镀铬 鎏金 烫金 金箔 金线 银饰 银器 珍珠 玉石 白玉 翡翠 琥珀 象牙
宣纸 棉纸 牛皮纸 纸张 羊皮纸 卡纸 绢本 绢底 折纸 剪纸 皮影 泥塑 面塑 唐三彩 蜡染 扎染 活字 拓片
年画 版画 凸版 丝网 蚀刻 水墨 国画 工笔 写意 白描 泼墨 洇染 晕染 青绿 设色 留白 书法 油画 水彩
水粉 丙烯 粉彩 色粉 炭笔 素描 铅笔 钢笔 线稿 线描 线性 厚涂 笔触 插画 插图 漫画 矢量 扁平 壁画
拼贴 马赛克 浮雕 雕塑 雕刻 黏土 粘土 渲染 建模 3D 等距 低多边形 像素 赛璐璐 浮世绘 胶片 颗粒 质感
肌理 纹理 拉丝 哑光 磨砂 抛光 光滑 光泽 半透明 透明 斑驳 做旧 锈迹 风化 青苔 潮湿 湿润 光线 光影
灯光 柔光 逆光 侧光 顺光 顶光 侧逆光 轮廓光 晨光 阳光 日光 月光 烛光 火光 星光 天光 窗光 暖光 冷光
棚光 棚拍 柔光箱 射灯 台灯光 路灯 霓虹 灯笼 聚光 闪光 散射光 漫射光 自然光 丁达尔 余晖 夕阳 落日
日落 日出 朝霞 晚霞 黄昏 清晨 暮光 暮色 蓝调 黄金时刻 阴天 薄雾 晨雾 雾气 剪影 倒影 投影 阴影 影子
明暗 高光 暗调 低调 高调 暖色 冷色 色调 配色 单色 黑白 渐变 构图 对称 居中 对角线 三分法 特写 近景
中景 远景 全景 半身 全身 大头照 肖像 人像 俯拍 俯视 仰拍 仰视 航拍 鸟瞰 平视 侧面 正面 广角 长焦
微距 鱼眼 焦距 镜头 景深 虚化 散景 长曝光 前景 背景 白底 黑底 背光 打光 布光 排版 网格 描边 边框
留空 摄影 街拍 蓝晒 手绘 彩绘 彩铅 蜡笔 粉笔 版式 半调 孔版 电影感 毛毯 榻榻米 竹影 积木 羽绒 亮片
刮刀 毛玻璃 蒸汽 反光 折射 质地 绒布 灯盏 灯火 暗角 低角度 高角度 浅焦 水洗 铜 锡 釉面 窑变 缂丝
缎 绸 纱
"""

EN = tuple(_EN.split())
ZH = tuple(_ZH.split())
