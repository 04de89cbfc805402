// The parts of Apache ECharts that Guanxi's charts use; hatch_build.py bundles them into static/vendor/echarts.js.
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, MarkPointComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, CustomChart, GridComponent,
  LineChart, MarkLineComponent, MarkPointComponent, TooltipComponent,
]);
window.echarts = echarts;
