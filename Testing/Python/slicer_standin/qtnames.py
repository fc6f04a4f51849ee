"""Which names of Qt the stand-in lets through: those that PythonQt wraps both in Qt 5.15 and in Qt 6.

Slicer 5.12 has Qt 5.15, Slicer 6.0 will have Qt 6; PySide6 has Qt 6 alone. Checked against PythonQt's wrappers for
Qt 5.15 (generated_cpp_515 of MeVisLab/pythonqt) and PyQt5's interface files; a class the panel comes to need is added
here after the same check.
"""

from __future__ import annotations

_CLASSES = (
    "QAbstractButton QAbstractItemModel QAbstractItemView QAbstractScrollArea QAbstractSlider QAbstractSpinBox "
    "QAction QActionGroup QApplication QBoxLayout QBrush QBuffer QButtonGroup QByteArray QCheckBox QClipboard "
    "QColor QComboBox QCompleter QCoreApplication QCursor QDate QDateTime QDesktopServices QDialog "
    "QDialogButtonBox QDir QDockWidget QDoubleSpinBox QDoubleValidator QElapsedTimer QEvent QEventLoop QFile "
    "QFileDialog QFileInfo QFont QFontDatabase QFontInfo QFontMetrics QFontMetricsF QFormLayout QFrame "
    "QGridLayout QGroupBox QGuiApplication QHBoxLayout QHeaderView QIODevice QIcon QImage QInputDialog "
    "QIntValidator QItemSelectionModel QKeyEvent QKeySequence QLabel QLayout QLayoutItem QLine QLineEdit QLineF "
    "QLinearGradient QListWidget QListWidgetItem QLocale QMainWindow QMargins QMenu QMenuBar QMessageBox "
    "QMimeData QModelIndex QMouseEvent QObject QPaintEvent QPainter QPainterPath QPalette QPen QPixmap "
    "QPlainTextEdit QPoint QPointF QPolygon QPolygonF QProcess QProgressBar QProgressDialog QPushButton "
    "QRadioButton QRect QRectF QRegularExpression QRegularExpressionValidator QResizeEvent QScreen QScrollArea "
    "QScrollBar QSettings QShortcut QSize QSizeF QSizePolicy QSlider QSortFilterProxyModel QSpacerItem QSpinBox "
    "QSplitter QSplitterHandle QStackedLayout QStackedWidget QStandardItem QStandardItemModel QStandardPaths "
    "QStatusBar QStyle QSysInfo QTabWidget QTableView QTableWidget QTableWidgetItem QTextBrowser QTextCharFormat "
    "QTextCursor QTextDocument QTextEdit QTime QTimer QToolBar QToolButton QToolTip QTransform QTranslator "
    "QTreeWidget QTreeWidgetItem QUiLoader QUrl QUuid QVBoxLayout QValidator QWhatsThis QWidget Qt "
)

#: Classes of the module ``qt``.
CLASSES = frozenset(_CLASSES.split())

#: Names of ``qt`` that are refused with a reason of their own.
REFUSED = {
    "Signal": "PythonQt has no user-defined signals that Slicer can rely on; call back plain Python functions",
    "Slot": "PythonQt has no user-defined slots; any Python callable can be connected",
    "Property": "PythonQt has no user-defined properties that Slicer can rely on; use Python attributes",
    "QThread": "Python code in a QThread crashes Slicer; use a subprocess or threading.Thread without Qt",
    "QTextCodec": "it is gone in Qt 6; use bytes.decode()",
    "QRegExp": "it is gone in Qt 6; use qt.QRegularExpression",
    "QDesktopWidget": "it is gone in Qt 6; use qt.QGuiApplication.primaryScreen()",
}

#: Members by class that came after Qt 5.15 or are a method there and a property in Qt 6 (QLayout.contentsMargins).
QT6_ONLY = {
    "QWidget": "accessibleIdentifier backingStore createWinId internalWinId setAccessibleIdentifier setScreen",
    "QCheckBox": "checkStateChanged",
    "QComboBox": "labelDrawingMode setLabelDrawingMode",
    "QTextEdit": "doSetTextCursor zoomInF",
    "QPlainTextEdit": "doSetTextCursor zoomInF",
    "QAbstractSpinBox": "returnPressed",
    "QProgressBar": "invertedAppearance textDirection",
    "QStackedWidget": "widgetAdded",
    "QMessageBox": "options setOption setOptions testOption",
    "QAction": "associatedObjects checkableChanged enabledChanged resetEnabled visibleChanged",
    "QShortcut": "keys setKeys",
    "QAbstractItemView": (
        "doAutoScroll doItemsLayout initViewItemOption itemDelegateForIndex keyboardSearchFlags "
        "setKeyboardSearchFlags setUpdateThreshold startAutoScroll stopAutoScroll updateThreshold"
    ),
    "QHeaderView": (
        "doItemsLayout initStyleOptionForIndex isSortIndicatorClearable setSortIndicatorClearable "
        "sortIndicatorClearableChanged"
    ),
    "QAbstractItemModel": "clearItemData multiData",
    "QSortFilterProxyModel": (
        "autoAcceptChildRows autoAcceptChildRowsChanged beginFilterChange dataChangeRelevanceFlags "
        "endFilterChange invalidateColumnsFilter invalidateRowsFilter setAutoAcceptChildRows"
    ),
    "QLayout": (
        "adoptLayout contentsMargins horizontalSizeConstraint setHorizontalSizeConstraint setSizeConstraints "
        "setVerticalSizeConstraint totalMinimumHeightForWidth unsetContentsMargins verticalSizeConstraint"
    ),
    "QFormLayout": "isRowVisible setRowVisible",
    "QStackedLayout": "widgetAdded",
    "QCoreApplication": "checkPermission instanceExists requestPermission resolveInterface shutdown",
    "QDockWidget": "dockLocation setDockLocation",
    "QTimer": "id intervalAsDuration remainingTimeAsDuration",
    "QProcess": "failChildProcessModifier setUnixProcessParameters splitCommand startCommand unixProcessParameters",
    "QFile": "supportsMoveToTrash",
    "QFileInfo": "isAlias isOther junctionTarget readSymLink stat",
    "QDateTime": "addDuration timeRepresentation toPython",
    "QDate": "toPython",
    "QTime": "toPython",
    "QPoint": "toPointF toTuple",
    "QPointF": "toTuple",
    "QSize": "toSizeF toTuple",
    "QSizeF": "toTuple",
    "QRect": "span toRectF",
    "QRegularExpression": "fromWildcard globalMatchView matchView",
    "QColor": "fromString isValidColorName toTuple",
    "QPalette": "accent resolveMask setResolveMask",
    "QFont": (
        "clearFeatures clearVariableAxes featureTags featureValue isFeatureSet isVariableAxisSet legacyWeight "
        "resolveMask setFeature setLegacyWeight setResolveMask setVariableAxis unsetFeature unsetVariableAxis "
        "variableAxisTags variableAxisValue"
    ),
    "QFontMetrics": "horizontalAdvanceChar",
    "QFontMetricsF": "horizontalAdvanceChar",
    "QFontInfo": "legacyWeight overline strikeOut underline variableAxes",
    "QPixmap": "deviceIndependentSize fromImageInPlace",
    "QImage": (
        "colorTransformed convertToFormat_helper convertToFormat_inplace convertedTo detachMetadata "
        "deviceIndependentSize flip flipped mirror mirrored_helper mirrored_inplace rgbSwap rgbSwapped_helper "
        "rgbSwapped_inplace"
    ),
    "QPainterPath": "isCachingEnabled setCachingEnabled trimmed",
    "QTextDocument": (
        "baselineOffset frameAt isLayoutEnabled setBaselineOffset setLayoutEnabled setSubScriptBaseline "
        "setSuperScriptBaseline subScriptBaseline superScriptBaseline"
    ),
    "QTextCursor": "insertMarkdown",
    "QDoubleValidator": "bottomChanged decimalsChanged notationChanged topChanged",
    "QIntValidator": "bottomChanged topChanged",
}
