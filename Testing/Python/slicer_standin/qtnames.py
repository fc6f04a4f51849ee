"""Which names of Qt the stand-in lets through: those that PythonQt wraps both in Qt 5.15 and in Qt 6.

Slicer 5.12 has Qt 5.15, Slicer 6.0 will have Qt 6; PySide6 has Qt 6 alone. Checked against PythonQt's wrappers for
Qt 5.15 (generated_cpp_515 of MeVisLab/pythonqt) and PyQt5's interface files; a class the panel comes to need is added
here after the same check.
"""

from __future__ import annotations

_CLASSES = (
    "QAction QApplication QBrush QButtonGroup QCheckBox QColor QComboBox QCoreApplication QCursor QDateTime "
    "QDesktopServices QDialog QDialogButtonBox QDir QDoubleSpinBox QEvent QFile QFileDialog QFileInfo QFont "
    "QFontMetrics QFormLayout QFrame QGridLayout QGroupBox QGuiApplication QHBoxLayout QHeaderView QIcon QImage "
    "QKeyEvent QKeySequence QLabel QLayout QLineEdit QLocale QMenu QMessageBox QMouseEvent QObject QPaintEvent "
    "QPainter QPainterPath QPalette QPen QPixmap QPlainTextEdit QPoint QPointF QProgressBar QProgressDialog "
    "QPushButton QRadioButton QRect QRectF QResizeEvent QScrollArea QScrollBar QSettings QShortcut QSize "
    "QSizePolicy QSlider QSpacerItem QSpinBox QSplitter QStackedWidget QStyle QTabWidget QTableWidget "
    "QTableWidgetItem QTextBrowser QTextEdit QTimer QToolButton QToolTip QTranslator QTreeWidget QTreeWidgetItem "
    "QUiLoader QUrl QVBoxLayout QWidget Qt "
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
    "QRegExp": "it is gone in Qt 6; use Python's re",
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
    "QAbstractItemView": (  # itemDelegateForIndex is Qt 6's too, but Qt itself calls it
        "doAutoScroll doItemsLayout initViewItemOption keyboardSearchFlags "
        "setKeyboardSearchFlags setUpdateThreshold startAutoScroll stopAutoScroll updateThreshold"
    ),
    "QHeaderView": (
        "doItemsLayout initStyleOptionForIndex isSortIndicatorClearable setSortIndicatorClearable "
        "sortIndicatorClearableChanged"
    ),
    "QLayout": (
        "adoptLayout contentsMargins horizontalSizeConstraint setHorizontalSizeConstraint setSizeConstraints "
        "setVerticalSizeConstraint totalMinimumHeightForWidth unsetContentsMargins verticalSizeConstraint"
    ),
    "QFormLayout": "isRowVisible setRowVisible",
    "QCoreApplication": "checkPermission instanceExists requestPermission resolveInterface shutdown",
    "QTimer": "id intervalAsDuration remainingTimeAsDuration",
    "QFile": "supportsMoveToTrash",
    "QFileInfo": "isAlias isOther junctionTarget readSymLink stat",
    "QDateTime": "addDuration timeRepresentation toPython",
    "QPoint": "toPointF toTuple",
    "QPointF": "toTuple",
    "QSize": "toSizeF toTuple",
    "QRect": "span toRectF",
    "QColor": "fromString isValidColorName toTuple",
    "QPalette": "accent resolveMask setResolveMask",
    "QFont": (
        "clearFeatures clearVariableAxes featureTags featureValue isFeatureSet isVariableAxisSet legacyWeight "
        "resolveMask setFeature setLegacyWeight setResolveMask setVariableAxis unsetFeature unsetVariableAxis "
        "variableAxisTags variableAxisValue"
    ),
    "QFontMetrics": "horizontalAdvanceChar",
    "QPixmap": "deviceIndependentSize fromImageInPlace",
    "QImage": (
        "colorTransformed convertToFormat_helper convertToFormat_inplace convertedTo detachMetadata "
        "deviceIndependentSize flip flipped mirror mirrored_helper mirrored_inplace rgbSwap rgbSwapped_helper "
        "rgbSwapped_inplace"
    ),
    "QPainterPath": "isCachingEnabled setCachingEnabled trimmed",
}
